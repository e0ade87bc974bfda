"""Long pages: other requests run meanwhile, and a slow client slows the rendering down."""

from __future__ import annotations

import asyncio
import http.client
import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from eggd.plugins.view.slices import PIECES, chunks, chunks_async, joined, joined_async
from tests.plugins.view.site import log_of, site

ROWS = "<table>{% for row in rows %}<tr><td>{{ row }}</td></tr>{% endfor %}"


async def _later(pieces: Iterator[str]) -> AsyncIterator[str]:
    for piece in pieces:
        yield piece


@pytest.mark.parametrize("number", [0, 1, PIECES - 1, PIECES, PIECES + 1, 10 * PIECES + 7])
def test_the_text_is_complete_and_in_order(number: int) -> None:
    pieces = [f"{each} " for each in range(number)]

    async def main() -> None:
        assert await joined(iter(pieces)) == "".join(pieces)
        assert await joined_async(_later(iter(pieces))) == "".join(pieces)
        assert "".join([each async for each in chunks(iter(pieces))]) == "".join(pieces)
        streamed = chunks_async(_later(iter(pieces)))
        assert "".join([each async for each in streamed]) == "".join(pieces)

    asyncio.run(main())


def test_the_event_loop_turns_while_a_long_page_is_rendered() -> None:
    """Another task runs at least every few milliseconds, whatever the length is."""

    async def main() -> int:
        turns = 0

        async def count() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.ensure_future(count())
        await joined(itertools.repeat("x" * 100, 2_000_000))
        counting.cancel()
        return turns

    assert asyncio.run(main()) >= 5


def test_a_page_is_streamed_while_it_is_rendered(tmp_path: Path) -> None:
    with site(tmp_path / "shop", {"a.html": ROWS}) as client:
        answer = client.get("/stream?name=a&n=20000")
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert answer.text.count("<tr>") == 20000
        assert answer.text.endswith("<td>19999</td></tr>")


def test_a_client_that_does_not_read_stops_the_rendering(tmp_path: Path) -> None:
    """A page of some gigabytes stays in the template until the client reads."""
    page = "<p>{% for row in rows %}{{ helper.note(row) }}{{ 'x' * 1000 }}{% endfor %}"
    helper = """
        import eggd

        class Helper(eggd.Helper):
            def note(self, row):
                self.app.row = row
                return ""
    """
    router = """
        async def streamed(ctx):
            ctx.app.row = 0
            await ctx.render_stream("a", {"rows": range(10 ** 7)})

        def router(app):
            app.get("/", streamed)
            app.get("/row", lambda ctx: str(ctx.app.row))
    """
    files = {"app/extend/helper.py": helper, "app/router.py": router}
    with site(tmp_path / "shop", {"a.html": page}, files=files) as client:
        reading = http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)
        reading.request("GET", "/")
        with reading.getresponse() as response:
            response.read(1000)
            seen = -1
            while (row := int(client.get("/row").text)) != seen:
                seen = row
        reading.close()
    assert 0 < seen < 100_000


def test_an_error_in_the_first_part_is_answered(tmp_path: Path) -> None:
    with site(tmp_path / "shop", {"a.html": "<p>\n{{ nothing.at.all }}"}) as client:
        assert client.get("/stream?name=a").status == 500
    assert "app/view/a.html:2: 'nothing' is undefined" in log_of(client)


def test_an_error_in_a_later_part_cuts_the_page_off(tmp_path: Path) -> None:
    page = ROWS + "\n{{ nothing.at.all }}"
    with site(tmp_path / "shop", {"a.html": page}) as client:
        with pytest.raises(http.client.IncompleteRead):
            client.get("/stream?name=a&n=20000")
    assert "app/view/a.html:2: 'nothing' is undefined" in log_of(client)
