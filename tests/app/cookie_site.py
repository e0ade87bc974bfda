"""Contexts of apps without a client, by the config of their cookies."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd import AnonymousRequest
from eggd.app.application import Application
from eggd.app.context.context import Context
from tests.app.loading import loaded

CONFIG = "config/config_default.py"
CHROME = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{}.0 Safari/537.36"
TLS = 'protocol = "https"\n'


class Site:
    """Apps by their config, loaded once for all tests of this module."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._apps: dict[str, Application] = {}

    def app(self, config: str) -> Application:
        if config not in self._apps:
            folder = self._root / str(len(self._apps))
            self._apps[config] = loaded(folder, {CONFIG: config})
        return self._apps[config]

    def ctx(
        self, config: str = "", cookie: str = "", agent: str = "", keys: str = "foo"
    ) -> Context:
        """Returns a context of an app with these keys and this config."""
        headers = {"cookie": cookie, "user-agent": agent}
        request = AnonymousRequest(headers={k: v for k, v in headers.items() if v})
        text = f"keys = {keys!r}\n{config}"
        return self.app(text).create_anonymous_context(request)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("cookies"))


def lines(ctx: Context) -> list[str]:
    """Returns the Set-Cookie lines of the response, without the dates of a lifetime."""
    return ctx.response.fields.get("set-cookie", ("", []))[1]
