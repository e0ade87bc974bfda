"""The first file of a body (process:MP-22)."""

from __future__ import annotations

from eggd import HttpError
from eggd.plugins.multipart.parts import FilePart
from eggd.plugins.multipart.reader import Multipart


async def first_file(parts: Multipart, *, require_file: bool) -> FilePart:
    """Returns the first file. Without one raises HttpError 400, or returns an empty part."""
    async for part in parts:
        if isinstance(part, FilePart):
            return part
    if require_file:
        raise HttpError(400, "Can't found upload file")
    return FilePart(field="", filename="", fields=parts.fields, is_complete=True)
