"""Bodies of forms, written byte by byte, and an app that reads them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.app.serving import Answer, Client, served

BOUNDARY = b"----egg"
TYPE = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY.decode()}"}

ROUTER = """
    async def stream(ctx):
        result = []
        async for part in ctx.multipart():
            if part.is_file:
                result.append([part.field, part.filename, len(await part.read())])
            else:
                result.append([part.name, part.value])
        return result

    async def save(ctx):
        files = await ctx.save_request_files()
        if "status" in ctx.query:
            ctx.status = int(ctx.query["status"])
        if "raise" in ctx.query:
            raise LookupError("after the files")
        if "object" in ctx.query:
            return files
        return {"fields": ctx.request.body, "files": [
            {"field": f.field, "filename": f.filename, "size": f.size, "mime": f.mime,
             "detected": f.detected_mime, "sha256": f.sha256, "path": str(f.path)}
            for f in files]}

    async def seen(ctx):
        files = ctx.request.files
        names = None if files is None else [file.filename for file in files]
        return {"body": ctx.request.body, "files": names}

    def router(app):
        app.get("/", lambda ctx: "hello")
        app.post("/stream", stream)
        app.post("/save", save)
        app.post("/seen", seen)
"""


def field(name: str, value: str = "v") -> bytes:
    """Returns a part that is a field."""
    return part(f'form-data; name="{name}"', value.encode())


def file(name: str = "f", filename: str = "a.png", content: bytes = b"x", kind: str = "") -> bytes:
    """Returns a part that is a file."""
    return part(f'form-data; name="{name}"; filename="{filename}"', content, kind)


def part(disposition: str, content: bytes, kind: str = "") -> bytes:
    """Returns a part with this Content-Disposition."""
    lines = f"Content-Disposition: {disposition}\r\n" + (
        f"Content-Type: {kind}\r\n" if kind else ""
    )
    return b"--%b\r\n%b\r\n%b\r\n" % (BOUNDARY, lines.encode(), content)


def form(*parts: bytes) -> bytes:
    """Returns the body of a form with these parts."""
    return b"".join(parts) + b"--%b--\r\n" % BOUNDARY


@dataclass
class Site:
    """An app that reads uploads, and its folder of files."""

    client: Client
    folder: Path

    def post(self, path: str, *parts: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """Returns the answer to a form with these parts."""
        return self.client.ask("POST", path, form(*parts), {**TYPE, **(headers or {})})

    def json(self, path: str, *parts: bytes) -> Any:
        """Returns the data of the answer, which must be 200."""
        answer = self.post(path, *parts)
        assert answer.status == 200, answer.text
        return json.loads(answer.body)

    def files(self) -> list[Path]:
        """Returns all that is left in the folder of files, apart from folders."""
        return [path for path in self.folder.rglob("*") if not path.is_dir()]

    def log(self) -> str:
        """Returns what was logged of all requests."""
        return "".join(file.read_text() for file in self.client.log_dir.glob("*-web.log"))


@contextmanager
def site(
    root: Path,
    options: str = "",
    router: str = ROUTER,
    config: str = "",
    files: Mapping[str, str] | None = None,
) -> Iterator[Site]:
    """Serves the app with this text in its section `multipart`."""
    folder = root / "saved"
    lines = [f"multipart = {{'tmpdir': {str(folder)!r}, {options}}}", "keys = 'k'", config]
    table = {
        "config/config_default.py": "\n".join(lines) + "\n",
        "app/router.py": router,
        **(files or {}),
    }
    with served(root / "app", table) as client:
        yield Site(client, folder)
