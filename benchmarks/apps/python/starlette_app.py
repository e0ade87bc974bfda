"""Starlette, as its documentation writes an app; `uvicorn starlette_app:app` serves it."""

from __future__ import annotations

from pathlib import Path

from answers import HELLO, account, table_rows, team
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.templating import Jinja2Templates

TEMPLATES = Jinja2Templates(Path(__file__).parent.parent / "eggd/app/view")
ROWS = table_rows()


async def hello(_request: Request) -> PlainTextResponse:
    """Answers a short text."""
    return PlainTextResponse(HELLO)


async def json(_request: Request) -> JSONResponse:
    """Answers an object with ten objects in it."""
    return JSONResponse(team())


async def users(request: Request) -> JSONResponse:
    """Answers an object that depends on a parameter and on the query."""
    return JSONResponse(
        account(request.path_params["id"], request.query_params.get("verbose")),
    )


async def echo(request: Request) -> JSONResponse:
    """Answers the JSON that came."""
    return JSONResponse(await request.json())


async def table(request: Request) -> HTMLResponse:
    """Answers a page with a table of 100 rows."""
    return TEMPLATES.TemplateResponse(request, "table.html", {"rows": ROWS})


app = Starlette(
    routes=[
        Route("/hello", hello),
        Route("/json", json),
        Route("/api/users/{id}", users),
        Route("/table", table),
        Route("/echo", echo, methods=["POST"]),
    ]
)
