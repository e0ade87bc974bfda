"""Forms of Starlette: `uvicorn upload_app:app`; /disk saves, /handler counts."""

from __future__ import annotations

from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route


async def hello(request: Request) -> PlainTextResponse:
    """Answers the requests whose latency is measured."""
    return PlainTextResponse("hello")


async def disk(request: Request) -> PlainTextResponse:
    """Saves by `request.form()`, which writes to a temporary file above 1 MiB."""
    async with request.form() as form:
        return PlainTextResponse(str(sum(file.size for file in form.values())))


async def handler(request: Request) -> PlainTextResponse:
    """Counts the bytes of files with the parser of python-multipart alone."""
    size = 0

    def on_part_data(data: bytes, start: int, end: int) -> None:
        nonlocal size
        size += end - start

    boundary = parse_options_header(request.headers["content-type"])[1][b"boundary"]
    parser = MultipartParser(boundary, {"on_part_data": on_part_data})
    async for chunk in request.stream():
        parser.write(chunk)
    return PlainTextResponse(str(size))


app = Starlette(
    routes=[
        Route("/", hello),
        Route("/disk", disk, methods=["POST"]),
        Route("/handler", handler, methods=["POST"]),
    ]
)
