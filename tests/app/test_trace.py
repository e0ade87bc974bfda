"""The id of a request: accepted, made, returned, and the same along its whole way."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.app.serving import Client, served

ROUTER = """
    async def index(ctx):
        ctx.logger.info("served")
        return ctx.trace_id

    async def own(ctx):
        ctx.set("X-Request-Id", "own")
        return "own"

    async def fail(ctx):
        raise ValueError("failed")

    async def echo(ctx):
        return {name: ctx.get(name) for name in ("traceparent", "tracestate", "x-request-id")}

    async def relay(ctx):
        answer = await ctx.curl(f"http://{ctx.host}/echo", data_type="json")
        return {**answer.data, "own": ctx.trace_id}

    async def guest(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"guest"})

    def router(app):
        app.get("/", index)
        app.get("/own", own)
        app.get("/fail", fail)
        app.get("/echo", echo)
        app.get("/relay", relay)
        app.router.mount("/guest", guest)
"""
HEX = "[0-9a-f]{32}"
TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = f"00-{TRACE}-b7ad6b7169203331-01"
UUID = "0AF76519-16cd-43dd-8448-eb211c80319c"
SEND = "trace = {'send': True}"


def site(config: str) -> dict[str, str]:
    return {"app/router.py": ROUTER, "config/config_default.py": config}


def lines(client: Client, name: str = "app-web.log") -> list[str]:
    return (client.log_dir / name).read_text().splitlines()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, HEX),
        ({"X-Request-Id": "a.B:1_2+3=4@5~6-7"}, re.escape("a.B:1_2+3=4@5~6-7")),
        ({"X-Request-Id": "a" * 128}, "a{128}"),
        ({"X-Request-Id": "a" * 129}, HEX),
        ({"X-Request-Id": "-"}, HEX),
        ({"X-Request-Id": "a b"}, HEX),
        ({"X-Request-Id": "a/b"}, HEX),
        ({"X-Request-Id": '"><script>'}, HEX),
        ({"X-Request-Id": "\xe4"}, HEX),
        ({"X-Request-Id": ""}, HEX),
        ({"traceparent": PARENT}, TRACE),
        ({"traceparent": PARENT, "X-Request-Id": "a1"}, "a1"),
        ({"traceparent": PARENT, "X-Request-Id": "a b"}, TRACE),
        ({"traceparent": f"ff{PARENT[2:]}"}, f"(?!{TRACE}){HEX}"),
        ({"traceparent": f"00-{'0' * 32}-b7ad6b7169203331-01"}, f"(?!0{{32}}){HEX}"),
        ({"traceparent": PARENT.upper()}, f"(?!{TRACE}){HEX}"),
    ],
)
def test_an_id_is_accepted_if_it_is_safe(
    tmp_path: Path, fields: dict[str, str], expected: str
) -> None:
    """One id is in the handler, the response and the log line (process:LOG-9, LOG-21)."""
    with served(tmp_path / "app", site(SEND)) as client:
        answer = client.get("/", **fields)
    [line] = [each for each in lines(client) if each.endswith("] served")]
    assert re.fullmatch(expected, answer.text)
    assert answer.headers.get_all("X-Request-Id") == [answer.text]
    assert f" [-/127.0.0.1/{answer.text}/" in line


@pytest.mark.parametrize(
    ("config", "sent", "in_line", "accepted"),
    [
        ("", None, "a1", "a1"),
        ("trace = {'log': False}", None, "-", "a1"),
        ("trace = {'accept': False, 'send': True}", HEX, HEX, HEX),
    ],
)
def test_the_section(
    tmp_path: Path, config: str, sent: str | None, in_line: str, accepted: str
) -> None:
    """Without `trace.log` a line has a dash, as in Egg (process:LOG-21)."""
    with served(tmp_path / "app", site(config)) as client:
        answer = client.get("/", **{"X-Request-Id": "a1", "traceparent": PARENT})
    [line] = [each for each in lines(client) if each.endswith("] served")]
    returned = answer.headers["X-Request-Id"]
    assert re.search(rf" \[-/127\.0\.0\.1/{in_line}/\d+ms GET /\] served", line)
    assert re.fullmatch(accepted, answer.text)
    assert returned is None if sent is None else re.fullmatch(sent, returned)
    assert TRACE not in answer.text


@pytest.mark.parametrize(
    ("path", "status", "returned"),
    [("/fail", 500, "a1"), ("/none", 404, "a1"), ("/guest", 200, "a1"), ("/own", 200, "own")],
)
def test_every_kind_of_answer_has_the_id(
    tmp_path: Path, path: str, status: int, returned: str
) -> None:
    """A handler's own field wins."""
    with served(tmp_path / "app", site(SEND)) as client:
        answer = client.get(path, **{"X-Request-Id": "a1"})
    logged = lines(client, "common-error.log")
    assert (answer.status, answer.headers.get_all("X-Request-Id")) == (status, [returned])
    assert [each for each in logged if "/a1/" in each] != [] or path != "/fail"


@pytest.mark.parametrize(
    ("fields", "own", "trace"),
    [
        ({}, HEX, "own"),
        ({"X-Request-Id": "a1"}, "a1", HEX),
        ({"X-Request-Id": UUID}, UUID, TRACE),
        ({"traceparent": PARENT}, TRACE, TRACE),
        ({"traceparent": PARENT, "X-Request-Id": UUID[:-1] + "0"}, UUID[:-1] + "0", TRACE),
    ],
)
def test_a_request_of_the_client_carries_both_ids(
    tmp_path: Path, fields: dict[str, str], own: str, trace: str
) -> None:
    """`ctx.curl` continues the trace and passes the id on."""
    with served(tmp_path / "app", site("")) as client:
        data = json.loads(client.get("/relay", **fields).text)
    assert re.fullmatch(own, data["own"])
    assert data["x-request-id"] == data["own"]
    expected = data["own"] if trace == "own" else trace
    assert re.fullmatch(
        rf"00-{expected}-(?!b7ad6b7169203331)[0-9a-f]{{16}}-01", data["traceparent"]
    )


@pytest.mark.parametrize(
    ("fields", "passed"),
    [
        ({"traceparent": PARENT, "tracestate": "congo=t61, rojo=00f0"}, "congo=t61,rojo=00f0"),
        ({"traceparent": PARENT, "tracestate": "congo=a=b"}, ""),
        ({"traceparent": PARENT[:-1], "tracestate": "congo=t61"}, ""),
        ({"tracestate": "congo=t61"}, ""),
    ],
)
def test_the_state_of_a_trace_is_passed_on_with_it(
    tmp_path: Path, fields: dict[str, str], passed: str
) -> None:
    """An invalid state, or one without a valid trace, ends here (W3C Trace Context)."""
    with served(tmp_path / "app", site("")) as client:
        assert json.loads(client.get("/relay", **fields).text)["tracestate"] == passed


def test_the_id_may_stay_here(tmp_path: Path) -> None:
    """`httpclient.request_id` switches the field of requests off."""
    with served(tmp_path / "app", site("httpclient = {'request_id': False}")) as client:
        assert json.loads(client.get("/relay").text)["x-request-id"] == ""


def test_a_ctx_that_raises_does_not_stop_a_line(tmp_path: Path) -> None:
    """The bracket names the exception instead (process:LOG-35)."""
    extension = """
        class Context:
            @property
            def user_id(self):
                raise ValueError("no session")

            @property
            def tracer(self):
                raise LookupError("no tracer")
    """
    files = {**site(""), "app/extend/context.py": extension}
    with served(tmp_path / "app", files) as client:
        assert client.get("/fail").status == 500
    [line] = [each for each in lines(client, "common-error.log") if "ValueError: failed" in each]
    user, trace = "<python.ValueError: no session>", "<python.LookupError: no tracer>"
    assert f" [{user}/127.0.0.1/{trace}/" in line


def test_a_bracket_of_the_app_is_in_the_lines(tmp_path: Path) -> None:
    """An extension that replaces `ctx.log_padding` replaces the bracket, in one line."""
    extension = """
        class Context:
            def log_padding(self):
                return f"<{self.method}\\n2026-01-31 {super().log_padding()}>"
    """
    files = {**site(""), "app/extend/context.py": extension}
    with served(tmp_path / "app", files) as client:
        assert client.get("/fail", **{"X-Request-Id": "a1"}).status == 500
    [line] = [each for each in lines(client, "common-error.log") if "ValueError: failed" in each]
    assert r" <GET\n2026-01-31 [-/127.0.0.1/a1/" in line


def test_the_page_for_developers_shows_the_id(tmp_path: Path) -> None:
    """A developer finds the lines of a request by its page (core:ERR-8)."""
    files = {**site(""), "config/plugin.py": "security = False\n"}
    with served(tmp_path / "app", files, env="local") as client:
        page = client.get("/fail", **{"X-Request-Id": "a1", "Accept": "text/html"}).text
    assert re.search(r"trace id</\w+>\s*<\w+[^>]*>(<[^>]+>)*a1<", page)


def test_a_hook_may_log_until_the_end(tmp_path: Path) -> None:
    """Loggers close after all `before_close` hooks; `logs` of the app is the default directory
    (process:LOG-1, LOG-66)."""
    boot = """
        from eggd import Boot

        class AppBoot(Boot):
            async def before_close(self):
                self.app.logger.info("the last line")
    """
    with served(tmp_path / "app", {**site(""), "app.py": boot}) as client:
        assert client.log_dir.name == "logs"
    assert any(line.endswith(" the last line") for line in lines(client))
