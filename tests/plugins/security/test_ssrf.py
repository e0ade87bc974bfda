"""`safe_curl` of ctx, app and agent."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from eggd.app.single import start
from eggd.errors import EggError
from eggd.httpclient.errors import IllegalAddressError
from eggd.testing.make_app import make_app
from tests.plugins.security.site import site

ROUTER = """
    from eggd import IllegalAddressError

    async def fetch(ctx):
        try:
            answer = await ctx.safe_curl(f"http://{ctx.host}/inner", data_type="text")
        except IllegalAddressError as exc:
            return f"{exc.address} is refused"
        return answer.data

    def router(app):
        app.get("/fetch", fetch)
        app.get("/inner", lambda ctx: "inner")
    """

CONFIGS = [
    ("{}", "127.0.0.1 is refused"),
    ("{'ssrf': {'ip_exception_list': ['127.0.0.0/8']}}", "inner"),
    ("{'ssrf': {'hostname_exception_list': ['127.0.0.1']}}", "inner"),
    ("{'ssrf': {'check_address': lambda address, family, host: family == 4}}", "inner"),
    ("{'ssrf': {'check_address': lambda address, family, host: 1}}", "127.0.0.1 is refused"),
]


@pytest.mark.parametrize(("config", "text"), CONFIGS)
def test_a_request_of_a_visitor(tmp_path: Path, config: str, text: str) -> None:
    """Without a list, addresses that are not public are refused (process:SSRF-1..3)."""
    files = {"app/router.py": ROUTER}
    with site(tmp_path, f"security = {config}", files=files) as client:
        assert client.get("/fetch").text == text


def test_app_and_agent_have_it_too(tmp_path: Path) -> None:
    """Both refuse the service of metadata (process:SSRF-1)."""
    make_app(tmp_path, {"config/plugin.py": "security = True", "config/config_default.py": ""})

    async def scene() -> None:
        app = await start(tmp_path, env="unittest")
        try:
            parts: list[Any] = [app, app.agent]
            for part in parts:
                with pytest.raises(IllegalAddressError, match="is not allowed"):
                    await part.safe_curl("http://169.254.169.254/latest/meta-data/")
        finally:
            await app.close()

    asyncio.run(scene())


ASYNC = """
async def _check(address, family, host):
    return True

security = {"ssrf": {"check_address": _check}}
"""


def test_an_async_function_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(EggError, match="check_address is async"), site(tmp_path, ASYNC):
        pass
