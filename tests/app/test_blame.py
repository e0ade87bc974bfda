"""Code that names keys of the config in an error: the line begins with what set them."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.app.application import Application
from eggd.errors import EggError
from tests.app.loading import assembled, run, start

DEFAULT = "config/config_default.py"
CONFIG = """
bank = {
    "url": "y", "client": {"a": 1},
}
meta = {"logging": True}
middleware = ["audit"]
"""
HOOK = """
import eggd

class AppBoot(eggd.Boot):
    def config_did_load(self):
        raise ERROR
"""
SINGLETON = """
import eggd

def create(config, app, name):
    raise ERROR

class AppBoot(eggd.Boot):
    def config_did_load(self):
        self.app.add_singleton("bank", create)
"""
AUDIT = """
def audit(options, app):
    return lambda ctx, next: next()
"""
MIDDLEWARE = """
import eggd

def audit(options, app):
    raise ERROR
"""
ROUTER = "def router(app): ...\n"


@pytest.mark.parametrize(
    ("file", "code", "key", "place"),
    [
        ("app.py", HOOK, "bank.url", f"{DEFAULT}:2"),
        ("app.py", HOOK, "bank", f"{DEFAULT}:1"),
        ("app.py", HOOK, "bank.port", f"{DEFAULT}:1"),
        ("app.py", HOOK, "meta", f"{DEFAULT}:4"),
        ("app.py", HOOK, "http.body_limit", "app.py:5"),
        ("app.py", HOOK.replace("config_did", "async did", 1), "bank.url", f"{DEFAULT}:2"),
        ("app.py", SINGLETON, "bank.url", f"{DEFAULT}:2"),
        ("app.py", SINGLETON.replace("def cre", "async def cre"), "bank.url", f"{DEFAULT}:2"),
        ("app/middleware/audit.py", MIDDLEWARE, "bank.url", f"{DEFAULT}:2"),
    ],
)
def test_the_places_of_the_keys_begin_the_line(
    tmp_path: Path, file: str, code: str, key: str, place: str
) -> None:
    """A section that a file sets in part has a place, too; defaults have that of the hook."""
    error = f"eggd.ConfigError('the bank is closed', keys=['{key}'], hint='try another')"
    code = code.replace("ERROR", error).replace("def async did", "async def did")
    files = {DEFAULT: CONFIG, "app/middleware/audit.py": AUDIT, file: code}
    with pytest.raises(EggError) as caught:
        run(assembled(tmp_path, files, Application, {}, "prod"), start)
    line = caught.value.line.replace(f"{tmp_path}/", "").replace(str(tmp_path), "APP")
    assert line == f"{place}: the bank is closed (try another)"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('body_parser = {"match": "api"}', "body_parser.match: path 'api' must begin with a slash"),
        (
            'body_parser = {"ignore": "/api?x=1"}',
            "body_parser.ignore: path '/api?x=1' has a query, which is never compared",
        ),
        ('access_log = {"ignore": 7}', "access_log.ignore must be text, a regex, a function or a"),
        ('schedule = {"directory": ["/nope"]}', "schedule.directory: '/nope' is not a folder"),
        ('multipart = {"file_mode_match": "a"}', "multipart.file_mode_match: path 'a' must begin"),
        ('session = {"store": "redis"}', "session.redis: 'session': unknown client"),
        ('cors = {"origin": "*", "match": "a"}', "cors.match: path 'a' must begin with a slash"),
    ],
)
def test_a_plugin_of_eggd_names_the_line_of_the_app(tmp_path: Path, text: str, error: str) -> None:
    """The line to change is in the app, not in a file of eggd."""
    plugins = "access_log = True\ncors = True\nredis = True\n"
    config = f"{text}\nkeys = 'a text of at least sixteen characters'\n"
    files = {DEFAULT: config, "config/plugin.py": plugins, "app/router.py": ROUTER}
    with pytest.raises(EggError) as caught:
        run(assembled(tmp_path, files, Application, {}, "prod"), start)
    assert f"/{DEFAULT}:1: {error}" in caught.value.line
