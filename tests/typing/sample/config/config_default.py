"""The config."""

from eggd import AppInfo, CredentialError, append, credential, prepend

try:
    keys: str = credential("keys")
except CredentialError:
    keys = "a secret"
proxy: str | None = credential("proxy", default=None)
ledger = {"client": {"host": "127.0.0.1"}}
redis = {"clients": {"main": {"url": "redis://127.0.0.1", "required": False}}}
schedule = {"cluster": "main"}
middleware = append("timing")
core_middleware = prepend("first")


def config(app_info: AppInfo) -> dict[str, object]:
    return {"upload": str(app_info.root / "upload"), "env_name": app_info.env}
