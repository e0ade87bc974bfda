"""The framework's own steps around the onion: meta and notfound (core:META-*, NF-*)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.app.serving import Client, served

ROUTER = """
    def router(app):
        app.router.get("/", lambda ctx: "hi")
        app.router.get("/own", own)
        app.router.get("/empty", empty)

    def own(ctx):
        ctx.status = 404
        ctx.body = "nothing here"

    def empty(ctx):
        ctx.status = 404
    """
PAGE = (
    "<h1>404 Not Found</h1><p><pre><code>config.notfound.page_url(/404)</code></pre>"
    " is unimplemented</p>"
)
FILES = {
    "config/config_default.py": """
        notfound = {"page_url": "/404"}
        meta = {"logging": True}
        middleware = ["witness"]
        """,
    "app/middleware/witness.py": """
        def witness(options, app):
            async def middleware(ctx, next):
                await next()
                ctx.set("X-Seen", str(ctx.status))
            return middleware
        """,
    "app/router.py": ROUTER,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("app"), FILES) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "status", "location", "text"),
    [
        ("/own", 404, None, "nothing here"),
        ("/empty", 302, "/404", None),
        ("/gone", 302, "/404", None),
        ("/gone.json", 404, None, '{"message":"Not Found"}'),
        (
            "/404",
            404,
            None,
            PAGE,
        ),
    ],
)
def test_an_empty_404_gets_its_page(
    client: Client, path: str, status: int, location: str | None, text: str | None
) -> None:
    # core:NF-1, NF-2, NF-3
    answer = client.get(path)
    assert (answer.status, answer.headers["Location"]) == (status, location)
    assert text is None or answer.text == text


def test_without_a_page_url_there_is_a_small_page(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    # core:NF-1, NF-4
    with served(tmp_path_factory.mktemp("app"), {"app/router.py": ROUTER}) as client:
        assert client.get("/empty").text == client.get("/gone").text == "<h1>404 Not Found</h1>"
        assert client.get("/own").text == "nothing here"


@pytest.mark.parametrize("page", ["/404?from=x", "http://shop.example/404", "/404#top"])
def test_a_missing_page_of_not_found_is_not_a_loop(
    tmp_path_factory: pytest.TempPathFactory, page: str
) -> None:
    """Also with a query, and as a whole URL, whose host no list of redirects has to name."""
    config = f"notfound = {{'page_url': {page!r}}}\n"
    config += "security = {'domain_white_list': ['other.example']}\n"
    files = {"app/router.py": ROUTER, "config/config_default.py": config}
    with served(tmp_path_factory.mktemp("app"), files) as client:
        missing = client.get("/gone", Host="shop.example")
        assert (missing.status, missing.headers["Location"]) == (302, page)
        answer = client.get("/404?from=x", Host="shop.example")
        assert (answer.status, answer.text) == (404, PAGE)


def test_notfound_may_be_off(tmp_path_factory: pytest.TempPathFactory) -> None:
    # core:NF-1
    files = {"app/router.py": ROUTER, "config/config_default.py": 'notfound = {"enable": False}\n'}
    with served(tmp_path_factory.mktemp("app"), files) as client:
        assert (client.get("/gone").status, client.get("/gone").text) == (404, "Not Found")


def test_the_middleware_sees_the_404_before_it_has_its_page(client: Client) -> None:
    """The step is outside the app's onion (core:NF-1)."""
    assert client.get("/gone").headers["X-Seen"] == "404"


def test_the_time_that_an_answer_took_has_three_decimals(client: Client) -> None:
    # core:META-1
    assert re.fullmatch(r"\d+(\.\d{1,3})?", client.get("/").headers["X-Readtime"])


def test_each_request_is_logged_where_asked(client: Client) -> None:
    # core:META-2, process:LOG-70
    client.get("/", **{"User-Agent": "egg-tester"})
    logged = "\n".join(file.read_text() for file in client.log_dir.glob("*.log"))
    assert re.search(r"\[meta\] request started, host: [\d.:]+, user-agent: egg-tester", logged)


@pytest.mark.parametrize(
    ("asked", "promised"), [("keep-alive", "timeout=5"), ("close", None)], ids=["keep", "close"]
)
def test_the_keep_alive_time_is_sent(client: Client, asked: str, promised: str | None) -> None:
    # core:APP-11
    assert client.get("/", Connection=asked).headers["Keep-Alive"] == promised
