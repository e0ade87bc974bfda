"""Sends a file, or a compressed form of it, with its header fields (core:ST-3, ST-5)."""

from __future__ import annotations

from collections.abc import Mapping

from eggd import Context, conditional
from eggd.plugins.static.accel import Accel
from eggd.plugins.static.codings import Codings
from eggd.plugins.static.store import FileStore, Source
from eggd.plugins.static.stored_file import StoredFile

_CONDITIONS = ("if-none-match", "if-modified-since", "range", "if-match", "if-unmodified-since")


class Sender:
    """Sends files of one store."""

    def __init__(self, store: FileStore, accel: Accel) -> None:
        self._store = store
        self._accel = accel
        self._codings = Codings()

    async def send(self, ctx: Context, source: Source, cache_control: str) -> None:
        """Sets the response: the file, a part of it, or 304. Raises HttpError 412 or 416."""
        stored = source.stored
        offers = stored.codings
        coding = self._codings.choose(ctx, offers) if offers else ""
        sent = await self._coded(source, coding) if coding else source
        if sent is None:
            coding, sent = "", source
        fields = _fields(stored, sent.stored, coding, cache_control)
        _set(ctx, fields, varies=bool(offers))
        if path := self._accel.path(ctx, sent):
            await self._accel.send(ctx, sent, path)
        else:
            ctx.body = sent.stored.content if sent.file is None else sent.file
            if sent.file is not None or any(map(ctx.exchange.headers.__contains__, _CONDITIONS)):
                await conditional(ctx, exact=True)
        if ctx.status == 304:
            ctx.remove("Content-Encoding")

    async def _coded(self, source: Source, coding: str) -> Source | None:
        """Returns a compressed file, and closes the other one; None if it does not exist now."""
        stored = source.stored
        name = stored.siblings.get(coding)
        if name is None:
            return Source(await self._store.compressed(stored))
        small = await self._store.find(name, stored.root)
        if small is not None and source.file is not None:
            source.file.close()
        return small


def _fields(
    stored: StoredFile, sent: StoredFile, coding: str, cache_control: str
) -> Mapping[str, tuple[str, list[str]]]:
    """Returns the fields of a response, which are made once for each file in memory."""
    key = (sent.digest, coding, cache_control)
    fields = stored.fields.get(key)
    if fields is None:
        tag = f'"{sent.digest}-{coding}"' if coding else f'"{sent.digest}"'
        lines = {
            "Content-Type": stored.kind,
            "Cache-Control": cache_control,
            "Last-Modified": stored.last_modified,
            "ETag": tag,
            "Accept-Ranges": "bytes",
        }
        if coding or stored.is_packed:
            lines["Content-Encoding"] = coding or "gzip"
        fields = {name.lower(): (name, [value]) for name, value in lines.items()}
        stored.fields[key] = fields
    return fields


def _set(ctx: Context, fields: Mapping[str, tuple[str, list[str]]], *, varies: bool) -> None:
    own = ctx.response.fields
    own.update(fields)
    if not varies:
        return
    if "vary" in own:
        ctx.vary("Accept-Encoding")
    else:
        own["vary"] = ("Vary", ["Accept-Encoding"])
