"""`ctx.curl`, `app.curl`, and the clients of an app."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from eggd.app.agent import Agent
from eggd.app.application import Application
from eggd.errors import ConfigError
from tests.app.loading import assembled
from tests.app.serving import served
from tests.house.imports import ROOT

SITE = {
    "app/router.py": """
        async def echo(ctx):
            return {name: ctx.get(name) for name in ("traceparent", "x-a", "user-agent")}

        async def direct(ctx):
            url = f"http://{ctx.host}/echo"
            answer = await ctx.curl(url, data_type="json", headers={"x-a": "1"})
            return {"status": answer.status, **answer.data}

        async def relay(ctx):
            answer = await ctx.app.curl(f"http://{ctx.host}/large", data_type="stream")
            ctx.body = answer.data

        async def seen(ctx):
            events = []
            ctx.app.httpclient.on("request", events.append)
            await ctx.curl(f"http://{ctx.host}/echo")
            await ctx.app.curl(f"http://{ctx.host}/echo")
            ctx.app.httpclient.off("request", events.append)
            return [event.ctx is ctx for event in events]

        def router(app):
            app.get("/echo", echo)
            app.get("/direct", direct)
            app.get("/relay", relay)
            app.get("/seen", seen)
            app.get("/large", lambda ctx: b"x" * 1_000_000)
        """,
}


def test_an_app_sends_requests(tmp_path: Path) -> None:
    """`ctx.curl` continues the trace of its request and gives events its ctx (core:HTTP-1, 6)."""
    parent = f"00-{'a' * 32}-{'b' * 16}-01"
    with served(tmp_path, SITE) as client:
        direct = client.get("/direct", traceparent=parent)
        assert '"status":200' in direct.text
        assert '"x-a":"1"' in direct.text
        assert f'"traceparent":"00-{"a" * 32}-' in direct.text
        assert "b" * 16 not in direct.text
        assert len(client.get("/relay").body) == 1_000_000
        assert client.get("/seen").text == "[true,false]"


@pytest.mark.parametrize("kind", [Application, Agent])
def test_the_clients_of_an_app(tmp_path: Path, kind: type[Any]) -> None:
    """One client by the config, made once; others by options over it (core:HTTP-1)."""
    config = "httpclient = {'request': {'timeout': '3s', 'retry': 1}, 'proxy': 'http://p:1'}"
    app = assembled(tmp_path, {"config/config_default.py": config}, kind, {}, "unittest")
    app.load_config()
    assert app.httpclient is app.httpclient
    assert app.httpclient.config.request.timeout == 3.0
    other = app.create_http_client({"request": {"timeout": 1}, "allow_h2": False})
    assert other.config.request.timeout == 1.0
    assert other.config.request.retry == 1
    assert (other.config.proxy, other.config.allow_h2) == ("http://p:1", False)
    assert app.httpclient.config.allow_h2


def test_the_class_of_clients_can_be_replaced(tmp_path: Path) -> None:
    """A subclass assigned to `app.HttpClient` makes all clients (core:HTTP-1)."""
    app = assembled(tmp_path, {}, Application, {}, "unittest")
    app.load_config()

    class Own(app.HttpClient):  # type: ignore[misc,name-defined]
        pass

    app.HttpClient = Own
    assert type(app.httpclient) is Own


WRONG = [
    ({"timeout": 1}, "httpclient.timeout: unknown key"),
    ({"request": {"timout": 1}}, "httpclient.request.timout: unknown key .*'timeout'"),
    ({"no_proxy": ["a"]}, "no_proxy has no effect without httpclient.proxy"),
    ({"proxy": "nonsense"}, "httpclient.proxy is not the URL of a proxy"),
    ({"ca_file": "/no/such/file"}, "ca_file: /no/such/file is not a file"),
    ({"max_connections": 0}, "max_connections must be a whole number from 1 to 65535, not 0"),
    ({"verify": False, "ca_file": "/x"}, "ca_file has no effect"),
    ({"request": {"timeout": [1]}}, "one or two durations"),
    ({"request": {"timeout": 0}}, "request.timeout: 0 seconds are not above 0 and up to 10 min"),
    ({"request": {"timeout": [5000, 1]}}, "request.timeout: 5000 seconds are not above 0 and up"),
    ({"request": {"connect_timeout": "0s"}}, "request.connect_timeout: 0 seconds are not above"),
    ({"request": {"retry": -1}}, "request.retry must be a whole number from 0"),
    ({"request": {"max_redirects": -1}}, "max_redirects must be a whole number from 0"),
    ({"proxy": "http://a.b:99999"}, "httpclient.proxy is not the URL of a proxy"),
    ({"proxy": "http://a", "no_proxy": ["http://b"]}, "no_proxy: 'http://b' is not a host"),
    ({"proxy": "http://a", "no_proxy": ["10.0.0.0/99"]}, "no_proxy: '10.0.0.0/99' is not a"),
    ({"proxy": "http://a", "no_proxy": ["b,c"]}, "no_proxy: 'b,c' is not a host"),
    ({"proxy": "http://a", "no_proxy": ["*.b.c"]}, "'b.c', which includes its sub-domains"),
    ({"ca_file": __file__}, "cannot be used: it has no certificate in PEM format"),
    ({"request": {"headers": {"a b": "c"}}}, "request.headers: 'a b' is not a valid field name"),
    ({"request": {"headers": {"a": "c\nx: y"}}}, "request.headers: a has a control character"),
]


@pytest.mark.parametrize(("options", "text"), WRONG)
def test_a_wrong_option_of_a_client(tmp_path: Path, options: dict[str, object], text: str) -> None:
    app = assembled(tmp_path, {}, Application, {}, "unittest")
    app.load_config()
    with pytest.raises(ConfigError, match=text):
        app.create_http_client(options)


def test_the_hosts_that_no_proxy_is_used_for(tmp_path: Path) -> None:
    """Every form that libcurl compares (CURLOPT_NOPROXY(3))."""
    app = assembled(tmp_path, {}, Application, {}, "unittest")
    app.load_config()
    names = ["*", ".b.c", "b_1.c:80", "localhost", "10.0.0.0/8", "10.0.0.1", "fd00::/8", "::1"]
    client = app.create_http_client({"proxy": "http://[::1]:3128/", "no_proxy": names})
    assert client.config.no_proxy == names


def test_an_app_without_requests_does_not_load_the_library(tmp_path: Path) -> None:
    code = """
import asyncio, sys, eggd
async def main():
    app = await eggd.start(sys.argv[1], env="unittest")
    print([name for name in sys.modules if name == "pycurl" or name == "eggd.httpclient.client"])
    await app.close()
asyncio.run(main())
"""
    (tmp_path / "app").mkdir()
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"\n')
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=ROOT,
        env={"PATH": "/usr/bin", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr
