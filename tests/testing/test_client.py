"""Requests pass the real protocol as real bytes, from plain and from async tests."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from eggd.errors import EggError
from eggd.testing.client import AsyncClient, Client
from eggd.testing.request import RequestOptions
from eggd.version import __version__


def test_a_request_is_answered(client: Client) -> None:
    # core:MOCK-4
    response = client.get("/")
    assert (response.status, response.text) == (200, "hi, egg")
    assert response.headers["content-TYPE"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("verb", ["get", "post", "put", "patch", "delete"])
def test_every_verb_has_a_method(client: Client, verb: str) -> None:
    # core:MOCK-4
    assert getattr(client, verb)("/echo").json()["method"] == verb.upper()


def test_head_has_fields_and_no_content(client: Client) -> None:
    response = client.head("/")
    assert (response.headers["content-length"], response.body) == ("7", b"")


def test_a_path_may_be_a_routes_name(client: Client) -> None:
    # core:MOCK-4
    found = client.get("user", params={"id": "a/b", "x": 1}, query={"y": [2, 3]})
    assert found.json() == ["a/b", {"x": "1", "y": "2"}]


def test_an_unknown_route_is_an_error(client: Client) -> None:
    # core:MOCK-4
    with pytest.raises(EggError, match=r"^route 'hom' does not exist"):
        client.get("hom")


@pytest.mark.parametrize(
    ("path", "options", "line"),
    [
        ("/", {"jsn": {}}, "jsn: unknown option (did you mean 'json'?)"),
        ("/", {"header": {}}, "header: unknown option (did you mean 'headers'?)"),
        (
            "/",
            {"files": {"a": b""}},
            "files: unknown option (multipart bodies are not built: use body and headers)",
        ),
        ("/", {"data": b""}, "data: unknown option (use form or body)"),
        ("/", {"json": 1, "body": b""}, "a request has one content, not json and body"),
        ("/", {"params": {"id": 1}}, "params: '/' is a path, not the name of a route (use query)"),
    ],
)
@pytest.mark.parametrize("call", ["post", "get"])
def test_an_option_without_effect_is_refused(
    client: Client, call: str, path: str, options: Any, line: str
) -> None:
    with pytest.raises(EggError) as caught:
        getattr(client, call)(path, **options)
    assert caught.value.line == line


def test_an_async_client_refuses_them_too(async_client: AsyncClient) -> None:
    options: Any = {"files": {}}
    with pytest.raises(EggError, match=r"^files: unknown option"):
        asyncio.run(async_client.get("/", **options))


def test_a_start_refuses_unknown_settings(start_app: Any, cluster: Any, app_dir: Path) -> None:
    with pytest.raises(EggError, match=r"^plugin: unknown option \(did you mean 'plugins'\?\)"):
        start_app(app_dir, plugin={})
    with pytest.raises(EggError, match=r"^enviro: unknown option \(did you mean 'environ'\?\)"):
        cluster(app_dir, enviro={})


def test_a_mocked_context_refuses_a_misspelt_member(mock_context: Any) -> None:
    assert mock_context(user="ann").user == "ann"
    with pytest.raises(EggError, match=r"^ctx: staet: unknown member \(did you mean 'state'\?\)"):
        mock_context(staet={})


CONTENTS: list[tuple[RequestOptions, object, str]] = [
    ({"json": {"a": [1]}}, {"a": [1]}, "application/json"),
    ({"form": {"a": 1, "b": "ü"}}, {"a": "1", "b": "ü"}, "application/x-www-form-urlencoded"),
    ({"body": "unparsed"}, {}, "text/plain; charset=utf-8"),
    ({"body": b"{}", "headers": {"Content-Type": "application/json"}}, {}, "application/json"),
]


@pytest.mark.parametrize(("options", "body", "kind"), CONTENTS)
def test_content_is_sent_as_what_it_is(
    client: Client, options: RequestOptions, body: object, kind: str
) -> None:
    got = client.post("/echo", **options).expect(200).json()
    assert (got["body"], got["headers"]["content-type"]) == (body, kind)


def test_a_large_body_waits_for_its_reader(client: Client) -> None:
    text = "x" * 900_000
    headers = {"Expect": "100-continue"}
    assert client.post("/echo", json=[text], headers=headers).json()["body"] == [text]


def test_requests_name_the_test_kit(client: Client) -> None:
    # core:MOCK-4, MOCK-5
    got = client.get("/echo", headers={"X-Own": "1"}).json()
    assert got["ip"] == "127.0.0.1"
    assert got["headers"] == {
        "host": "127.0.0.1",
        "user-agent": f"eggd-testing/{__version__}",
        "x-own": "1",
    }


def test_fields_are_found_in_any_case_and_show_themselves(client: Client) -> None:
    """A message tells which fields there were (core:MOCK-4)."""
    fields = client.get("/echo").headers
    assert (fields["x-two"], fields.all("X-TWO"), "x-three" in fields) == (
        "a, b",
        ["a", "b"],
        False,
    )
    assert "'x-two': 'a, b'" in repr(fields)
    with pytest.raises(KeyError):
        fields["x-three"]


def test_a_stream_is_read_to_its_end(client: Client) -> None:
    assert client.get("/stream").body == b"x" * 400_000


def test_an_unexpected_status_shows_the_answer(client: Client) -> None:
    with pytest.raises(AssertionError, match=r"GET /nothing: expected 200, got 404: '.*Not Found"):
        client.get("/nothing").expect(200)


def test_a_response_that_is_not_json_is_shown(client: Client) -> None:
    with pytest.raises(AssertionError, match="GET /: the response is not JSON: 'hi, egg'"):
        client.get("/").json()


ERRORS: list[tuple[str, RequestOptions, type[Exception], str]] = [
    ("/cut", {}, ConnectionError, "GET /cut: the server closed the connection without a response"),
    ("/short", {}, ConnectionError, "GET /short: .* within its response"),
    ("/never", {"timeout": 0.01}, TimeoutError, "not done after 0.01 s"),
    ("/", {"headers": {"A": "b\r\nc: d"}}, EggError, "a line break is not allowed in a request"),
]


@pytest.mark.parametrize(("path", "options", "error", "text"), ERRORS)
def test_no_answer_is_an_error(
    client: Client, path: str, options: RequestOptions, error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        client.get(path, **options)


def test_another_protocol_may_be_asked_for(client: Client) -> None:
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}
    response = client.get("/chat", headers={"Upgrade": "websocket", "Connection": "Upgrade", **key})
    assert response.status == 101
    assert response.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


def test_an_async_test_asks_from_its_own_loop(async_client: AsyncClient) -> None:
    async def main() -> list[Any]:
        pages = [async_client.get("/"), async_client.post("/echo", json={}), async_client.head("/")]
        more = [getattr(async_client, verb)("/echo") for verb in ("put", "patch", "delete")]
        return [page.status for page in await asyncio.gather(*pages, *more)]

    assert asyncio.run(main()) == [200] * 6


def test_a_blocking_call_on_the_apps_loop_is_refused(client: Client) -> None:
    async def main() -> None:
        client.get("/")

    with pytest.raises(EggError, match="would wait for itself"):
        client.running.run(main())


def test_what_is_not_a_coroutine_cannot_be_run(client: Client) -> None:
    with pytest.raises(EggError, match="a coroutine is needed, not 3"):
        client.running.run(3)  # type: ignore[arg-type]
