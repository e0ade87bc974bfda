"""Answers in prod: without details, by the kind that a client prefers."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.serving import Client
from tests.plugins.onerror.site import HTML, SECRET, app_log, errors, site


@pytest.fixture(scope="module", params=["prod", "test", "pre"])
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    """Every env but local and unittest counts as prod (core:ERR-4, process:ERR-13)."""
    with site(tmp_path_factory.mktemp(request.param), env=request.param) as client:
        yield client


JSON = "application/json"
HIDDEN = '{"message":"Internal Server Error"}'


@pytest.mark.parametrize(
    ("path", "accept", "status", "text"),
    [
        # core:ERR-5, process:ERR-5
        ("/crash", HTML, 500, "<h2>Internal Server Error, real status: 500</h2>"),
        ("/crash", "*/*", 500, "<h2>Internal Server Error, real status: 500</h2>"),
        ("/throw/502", HTML, 502, "<h2>Internal Server Error, real status: 502</h2>"),
        ("/throw/403", HTML, 403, "<h2>403 Forbidden</h2>"),
        ("/throw/403?message=no", HTML, 403, "<h2>403 Forbidden</h2><p>no</p>"),
        ("/throw/403?message=no&expose=0", HTML, 403, "<h2>403 Forbidden</h2>"),
        # core:ERR-6, process:ERR-6
        ("/crash", JSON, 500, HIDDEN),
        ("/crash.json", HTML, 500, HIDDEN),
        ("/throw/502?message=db", JSON, 502, '{"message":"Bad Gateway"}'),
        ("/throw/502?code=E7", JSON, 502, '{"code":"E7","message":"Bad Gateway"}'),
        ("/throw/503?message=soon&expose=1", JSON, 503, '{"message":"soon"}'),
        (
            "/throw/422?message=no&code=invalid_param&errors=name",
            JSON,
            422,
            '{"code":"invalid_param","message":"no","errors":[{"field":"name"}]}',
        ),
        ("/throw/409?message=no&errors=name&expose=0", JSON, 409, '{"message":"Conflict"}'),
        ("/throw/599", JSON, 599, '{"message":"599"}'),
        # core:ERR-3
        ("/crash", "text/plain", 500, "500 Internal Server Error\n"),
        ("/throw/404?message=no+egg", "text/plain", 404, "404 Not Found: no egg\n"),
    ],
)  # fmt: skip
def test_answers(client: Client, path: str, accept: str, status: int, text: str) -> None:
    """The kind is that which the client prefers (core:ERR-3, process:ERR-2)."""
    answer = client.get(path, Accept=accept)
    assert (answer.status, answer.text) == (status, text)


@pytest.mark.parametrize("accept", [HTML, JSON, "text/plain", "*/*"])
@pytest.mark.parametrize("path", ["/crash", "/chain", "/stock", "/throw/500?message=LookupError"])
def test_an_answer_of_prod_has_no_details(client: Client, path: str, accept: str) -> None:
    """No trace, path, name or message of a server error (known:KW-70)."""
    answer = client.get(path, Accept=accept)
    assert answer.status == 500
    head = "".join(f"{name}: {value}\n" for name, value in answer.headers.items())
    for word in (
        "Traceback",
        "LookupError",
        "OutOfStock",
        "ValueError",
        "router.py",
        "/srv",
        SECRET,
    ):
        assert word not in answer.text
        assert word not in head
    assert len(answer.body) < 100


def test_fields_survive(client: Client) -> None:
    """Fields of the error are sent, and those set before it but for the body's (core:ERR-1)."""
    answer = client.get("/throw/503")
    assert answer.headers["X-From-Error"] == "yes"
    assert answer.headers["Retry-After"] == "3"
    answer = client.get("/fields")
    assert answer.headers["X-Request-Id"] == "7"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "ETag" not in answer.headers
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("status", [200, 204, 304, 99, 1000])
def test_a_status_that_is_not_an_error_is_500(client: Client, status: int) -> None:
    """Nor has it a body then (core:ERR-1, process:ERR-3, known:KW-70)."""
    answer = client.get(f"/throw/{status}", Accept=JSON)
    assert (answer.status, answer.text) == (500, HIDDEN)


def test_a_head_request_gets_no_body(client: Client) -> None:
    answer = client.ask("HEAD", "/crash")
    assert (answer.status, answer.body) == (500, b"")


def test_an_unread_body_does_not_cut_off_the_answer(client: Client) -> None:
    """The client reads the answer although it was still sending (core:ERR-13, process:ERR-12)."""
    body = b"a" * 3_000_000
    headers = {
        "Content-Type": "application/octet-stream",
        "Origin": f"http://127.0.0.1:{client.port}",
    }
    assert client.ask("POST", "/crash", body, headers).status in (403, 500)


def test_a_stream_that_fails_is_cut_off_and_logged_once(client: Client) -> None:
    """After the first byte there is no other answer (core:ERR-13, process:ERR-12, known:KW-71)."""
    before = errors(client).count("ValueError: in the middle")
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        client.get("/stream")
    assert errors(client).count("ValueError: in the middle") == before + 1
    assert "GET /stream]" in errors(client)


def test_a_server_error_is_one_error_and_a_clients_one_warning(client: Client) -> None:
    """The bracket of the request is in front (core:ERR-12, process:ERR-4)."""
    client.get("/crash?message=once-only")
    client.get("/throw/404?message=warned-once")
    log = [line for line in app_log(client).splitlines() if "once" in line]
    assert [line.split(" ")[2] for line in log if "GET /" in line] == ["ERROR", "WARN"]
    assert "ms GET /crash?message=once-only] python.LookupError: once-only" in log[0]
    assert "ms GET /throw/404?message=warned-once] 404 HttpError: warned-once (" in log[-1]
    assert "warned-once" not in errors(client)


@pytest.mark.parametrize("name", ["fn", "a.b[0]", "x" * 80])
def test_an_error_of_a_jsonp_request_calls_its_function(client: Client, name: str) -> None:
    """As a script that no browser takes for a page (core:ERR-10, process:ERR-10)."""
    answer = client.get(f"/jsonp?callback={name}")
    kept = name[:50]
    text = f"/**/ typeof {kept} === 'function' && {kept}({HIDDEN});"
    assert (answer.status, answer.text) == (500, text)
    assert answer.headers["Content-Type"] == "application/javascript; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"/jsonp?callback={name}&status=404").text.endswith(
        '({"message":"not for clients"});'
    )


def test_a_name_of_a_callback_is_cleaned(client: Client) -> None:
    answer = client.get("/jsonp?callback=alert(1)//%3Cscript%3E%0d%0a")
    assert answer.text == f"/**/ typeof alert1script === 'function' && alert1script({HIDDEN});"


def test_malformed_json_says_where(tmp_path: Path) -> None:
    """The message tells the place (core:ERR-9, process:ERR-9)."""
    with site(tmp_path, "security = {'csrf': False}") as client:
        answer = client.ask("POST", "/crash", b'{"a":', {"Content-Type": JSON, "Accept": JSON})
        assert answer.status == 400
        assert "line 1 column 6" in answer.text
