"""The report for developers: page, text and JSON, in env local and unittest."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from tests.app.serving import Client
from tests.plugins.onerror.page import Parsed, parsed
from tests.plugins.onerror.site import HTML, SECRET, site

JSON = "application/json"
CONFIG = """
middleware = ["outer", "checked"]
checked = {"limit": 3}
"""
FILES = {
    "app/middleware/outer.py": """
        def outer(options, app):
            async def middleware(ctx, next):
                await next()
            return middleware
        """,
    "app/middleware/checked.py": """
        def checked(options, app):
            def middleware(ctx, next):
                if "deny" in ctx.query:
                    raise PermissionError(f"limit {options.limit}")
                return next()
            return middleware
        """,
    "app/service/eggs.py": """
        from eggd import Service

        class EggsService(Service):
            async def find(self, number):
                token = self.config.shop.token
                limit = self.config["checked"]["limit"]
                absent = self.config.get("absent")
                self.ctx.logger.warning("egg %s is cold", number)
                eggs = {1: "white"}
                try:
                    return eggs[number]
                except KeyError as exc:
                    exc.add_note("the eggs were counted")
                    raise LookupError(f"no egg {number}") from exc
        """,
    "app/controller/eggs.py": """
        from eggd import Controller

        class EggsController(Controller):
            async def show(self):
                password = "hunter2hunter2"
                visitor = {"name": "Ada", "api_key": "sk-live-0123456789", "page": 3}
                return await self.service.eggs.find(7)

            async def group(self):
                raise ExceptionGroup("two", [ValueError("one"), OSError("other")])

            async def plain(self):
                raise RuntimeError
        """,
    "app/router.py": """
        import sys

        def last(ctx):
            1 / 0

        def deep(number):
            return deep(number + 1)

        def own(ctx, next):
            return next()

        def syntax(ctx):
            compile("a = (\\n1 2", "/nowhere/at/all.py", "exec")

        def missing(ctx):
            exec(compile("raise ValueError('generated')", "/nowhere/at/all.py", "exec"))

        def cycle(ctx):
            one, two = ValueError("one"), KeyError("two")
            one.__cause__, two.__cause__ = two, one
            raise one

        def router(app):
            app.get("eggs", "/eggs/:number", own, app.controller.eggs.show)
            app.get("/group", app.controller.eggs.group)
            app.get("/plain", app.controller.eggs.plain)
            app.post("/zero", last)
            app.get("/deep", lambda ctx: deep(0))
            app.get("/syntax", syntax)
            app.get("/missing", missing)
            app.get("/cycle", cycle)
            app.get("/exit", lambda ctx: sys.exit("leaving"))
            app.get("/circle", lambda ctx: ctx.logger.duplicate("INFO", ctx.app.logger))
        """,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    root = tmp_path_factory.mktemp("local")
    config = f"security = {{'csrf': False, 'csp': {{'enable': True, 'policy': {CSP}}}}}\n{CONFIG}"
    with site(root, config, env="local", files=FILES) as client:
        yield client


CSP = {"default-src": "'self'", "script-src": ["'self'"]}


def page(client: Client, path: str, **headers: str) -> Parsed:
    answer = client.get(path, Accept=HTML, **headers)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    return parsed(answer.text)


def test_the_page_tells_all(client: Client) -> None:
    """Frames with code, request and config, secrets masked (core:ERR-8, process:ERR-8)."""
    text = page(client, "/eggs/7?page=2").text
    for part in (
        "500GET /eggs/7?page=2LookupErrorno egg 7",
        "app/service/eggs.py:14 in EggsService.find",
        "Caused byKeyError",
        "the eggs were counted",
        'raise LookupError(f"no egg {number}") from exc',
        "eggs/:number",
        "number'7'",
        "EggsController.show",
        "WARNegg 7 is cold",
        "checked.limit3",
        "config_default.py:",
        "absentnot set",
        "curl -i",
    ):
        assert part in text


def test_a_logger_of_a_request_is_that_of_the_app(client: Client) -> None:
    """Its lines are kept for the page; a circle of loggers is an error all the same."""
    answer = client.get("/circle", Accept=JSON)
    assert "the loggers logger and logger would pass entries in circles" in answer.text


def test_the_failing_expression_is_marked(client: Client) -> None:
    text = client.get("/eggs/7", Accept=HTML).text
    assert "</span> <mark>eggs[number]</mark>" in text


def test_frames_of_the_framework_are_folded(client: Client) -> None:
    text = client.get("/eggs/7", Accept=HTML).text
    assert '<details class="fold"><summary><span class="count">2 calls</span> in eggd' in text
    assert text.count('<details class="frame own" open>') == 2


def test_secrets_are_masked(client: Client) -> None:
    """In variables, config, fields, cookies, query and command (process:ERR-8, known:KW-70)."""
    answers = [
        client.get(
            "/eggs/7?token=t0k3n-of-the-query&page=2",
            Accept=accept,
            Cookie="EGG_SESS=c00kie-value; other=c00kie-value",
            Authorization="Bearer b34rer-value",
            **{"X-Csrf-Token": "csrf-value-1"},
        ).text
        for accept in (HTML, JSON, "*/*")
    ]
    hidden = ("t0k3n", "c00kie", "b34rer", "csrf-value", SECRET, "hunter2", "sk-live")
    for text in answers:
        assert [word for word in hidden if word in text] == []
    assert "EGG_SESS" in answers[0]
    assert "shop.token" in answers[0]


@pytest.mark.parametrize(
    ("path", "states"),
    [
        ("/eggs/7", "outer pending, checked ran, own ran, EggsController.show failed"),
        ("/eggs/7?deny=1", "outer pending, checked failed, own skipped, SHOW skipped"),
        ("/plain", "outer pending, checked ran, EggsController.plain failed"),
    ],
)  # fmt: skip
def test_the_failing_function_of_the_chain_is_marked(
    client: Client, path: str, states: str
) -> None:
    report = client.get(path, Accept=JSON).text
    steps = json.loads(report)["report"]["route"]["steps"]
    own = [step for step in steps if step["place"].startswith("app/")]
    assert ", ".join(f"{step['name']} {step['state']}" for step in own) == states.replace(
        "SHOW", "EggsController.show"
    )


def test_the_page_is_under_a_strict_policy_of_its_own(client: Client) -> None:
    """One policy, which allows the style sheet alone; the other fields stay."""
    answer = client.get("/eggs/7", Accept=HTML)
    [policy] = answer.headers.get_all("Content-Security-Policy", [])
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script" not in policy
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "has no effect" not in (client.log_dir / "egg-web.log").read_text()


@pytest.mark.parametrize("accept", ["*/*", "", "text/plain"])
def test_curl_gets_text(client: Client, accept: str) -> None:
    answer = client.get("/eggs/7", Accept=accept)
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text.startswith(
        "500 Internal Server Error  GET /eggs/7\n\nLookupError: no egg 7\n"
    )
    for part in ("  > app/service/eggs.py:14", "number = 7", "✗ EggsController.show", "Caused by:"):
        assert part in answer.text


def test_clients_of_an_api_get_json(client: Client) -> None:
    """With stack, name and the exception's own attributes (core:ERR-7, process:ERR-7)."""
    body = json.loads(client.get("/eggs/7", Accept=JSON).text)
    assert (body["message"], body["name"], body["status"]) == ("no egg 7", "LookupError", 500)
    assert body["stack"].startswith("LookupError: no egg 7\nTraceback (most recent call last):\n")
    assert [each["name"] for each in body["report"]["exceptions"]] == ["LookupError", "KeyError"]
    assert body["report"]["log"][0].endswith("WARN egg 7 is cold")


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("/group", ("two (2 sub-exceptions)", "Error 1 of 2 in", "Error 2 of 2 in")),
        ("/plain", ("RuntimeError",)),
        ("/deep", ("RecursionError", "frames of a recursion are left out")),
        ("/syntax", ("SyntaxError", "/nowhere/at/all.py:1")),
        ("/missing", ("generated", "/nowhere/at/all.py:1", "The source is not available.")),
        ("/cycle", ("one", "Caused by", "two")),
        ("/exit", ("SystemExit", "leaving")),
    ],
)  # fmt: skip
def test_exceptions_of_all_kinds(client: Client, path: str, parts: tuple[str, ...]) -> None:
    """A frame of a file that is missing does not break the page (core:ERR-8)."""
    text = page(client, path).text
    assert [part for part in parts if part not in text] == []
    assert client.get(path).status == client.get(path, Accept=JSON).status == 500


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/x-www-form-urlencoded", "name=Ada&my%5Fsession=hush-1&auth=hush-2"),
        (JSON, '{"name": "Ada", "items": [{"session": "hush-1", "auth": ["hush-2"]}]}'),
    ],
)
def test_what_the_tables_hide_is_hidden_in_url_and_command(
    client: Client, kind: str, body: str
) -> None:
    headers = {"Content-Type": kind, "Accept": JSON, "Referer": "http://a/?csrf=hush-3&b=2"}
    answer = client.ask("POST", "/zero?page=2&auth=hush-4&x", body.encode(), headers)
    request = json.loads(answer.text)["report"]["request"]
    assert "hush" not in answer.text
    assert request["url"] == "/zero?page=2&auth=***&x"
    assert "Ada" in request["curl"]
    assert "b=2" in request["curl"]


def test_the_command_of_curl_repeats_the_request(client: Client) -> None:
    """Its arguments are quoted for the shell."""
    body = b'{"name": "O\'Hara; $(id)", "password": "pw-of-ada"}'
    headers = {"Content-Type": JSON, "Accept": JSON, "X-Note": "it's `id`"}
    answer = client.ask("POST", "/zero?a=b", body, headers)
    command: str = json.loads(answer.text)["report"]["request"]["curl"]
    words = [word for word in shlex.split(command) if word.strip()]
    assert words[:3] == ["curl", "-i", "-X"]
    assert words[4].endswith("/zero?a=b")
    assert "X-Note: it's `id`" in words
    assert words[-1] == '{"name": "O\'Hara; $(id)", "password": "***"}'


def test_a_client_error_has_its_page_too(client: Client) -> None:
    text = page(client, "/eggs/%E0%80").text
    assert "no egg 7" in text


@pytest.mark.parametrize(
    ("options", "link"),
    [
        ("{}", "vscode://fileROOT/app/router.py:"),
        ("{'editor': 'pycharm'}", "pycharm://open?file=ROOT/app/router.py&amp;line="),
        ("{'editor': 'edit://x?f={file}#{line}'}", "edit://x?f=ROOT/app/router.py#"),
        ("{'editor': 'zed', 'editor_paths': _PATHS}", "zed://file/home/ada/shop/app/router.py:"),
    ],
)
def test_links_open_the_editor(tmp_path: Path, options: str, link: str) -> None:
    root = str(tmp_path / "app")
    text = f"_PATHS = {{'{root}': '/home/ada/shop'}}\nonerror = {options}"
    with site(tmp_path, text, env="local") as client:
        assert f'href="{link.replace("ROOT", root)}' in client.get("/crash", Accept=HTML).text


def test_an_empty_editor_makes_no_links(tmp_path: Path) -> None:
    with site(tmp_path, "onerror = {'editor': ''}", env="local") as client:
        assert "Open in editor" not in client.get("/crash", Accept=HTML).text


@pytest.mark.parametrize("accept", [HTML, "*/*", "text/plain"])
def test_unittest_gets_name_message_and_stack(tmp_path: Path, accept: str) -> None:
    """As text, which no browser takes for a page (core:ERR-8, process:ERR-8)."""
    with site(tmp_path, env="unittest") as client:
        answer = client.get("/crash?message=%3Cb%3E", Accept=accept)
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.text.startswith("LookupError: <b>\nTraceback (most recent call last):\n")
        assert 'app/router.py", line ' in answer.text
        assert json.loads(client.get("/crash", Accept=JSON).text)["name"] == "LookupError"


SCRIPT = """
import asyncio, sys
from eggd import start

async def main():
    app = await start(sys.argv[1], env=sys.argv[2])
    print(sorted(name for name in sys.modules if "onerror.report" in name)[:1])
    await app.close()

asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("env", "loaded"),
    [
        *((env, "[]") for env in ("prod", "test", "staging", "Local")),
        ("local", "['eggd.plugins.onerror.report']"),
    ],
)
def test_other_envs_do_not_even_load_the_report(tmp_path: Path, env: str, loaded: str) -> None:
    """Its code is not imported, so that no option can show it (core:ERR-4)."""
    root = make_app(tmp_path / "app", {"config/config_default.py": "keys = 'k' * 64\n"})
    command = [sys.executable, "-c", SCRIPT, str(root), env]
    lines = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert lines.splitlines()[-1] == loaded
