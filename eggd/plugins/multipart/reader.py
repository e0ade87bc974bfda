"""`Multipart`: the parts of one request, in the order in which they arrive."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from functools import partial
from inspect import isawaitable

from eggd import Context, EggError
from eggd.plugins.multipart.errors import LimitError, MultipartFileTooLargeError, UploadError
from eggd.plugins.multipart.filename import clean_name
from eggd.plugins.multipart.framing import Begin, Content, Done, End, Event
from eggd.plugins.multipart.heading import Heading, heading_of
from eggd.plugins.multipart.options import Reading
from eggd.plugins.multipart.parameters import decode
from eggd.plugins.multipart.parts import FieldPart, FilePart, Part
from eggd.plugins.multipart.source import Source


class Multipart:
    """Yields fields and files (process:MP-20). A file must be read before the next part."""

    def __init__(self, ctx: Context, reading: Reading, *, arrays: bool) -> None:
        """Reads the body of `ctx`; with `arrays`, repeated fields become lists.

        Raises UploadError 400 for another media type or a bad boundary, 415 for a coded body.
        """
        self.fields: dict[str, object] = {}
        """The values of the fields so far, by name; a list of them for repeated ones (MP-32)."""
        self.reading = reading
        """The rules by which parts are read."""
        self.is_saving = False
        """Whether files are saved; decides which error a too large one is."""
        self._arrays = arrays
        self._source = Source(ctx, reading.limits.header_size)
        # The parts that `read_fields` has read, and the heading of the file behind them.
        self._ahead: deque[FieldPart] = deque()
        self._next_file: Heading | None = None
        self._file: FilePart | None = None
        self._is_done = False
        self._counts = {"parts": 0, "fields": 0, "files": 0}
        self._field_bytes = 0

    def follow(self, reading: Reading) -> None:
        """Replaces the rules, before the first file."""
        self.reading = reading
        self._source.limit_headers(reading.limits.header_size)

    def __aiter__(self) -> AsyncIterator[Part]:
        """Yields the parts, but no file without a name: the user has not chosen one.

        Raises UploadError 400 for a malformed body or a name that is not accepted, and LimitError
        413 or 431 above a limit.
        """
        return self

    async def __anext__(self) -> Part:
        try:
            part = await self._part()
        except UploadError:
            await self._source.drain()
            raise
        if part is None:
            raise StopAsyncIteration
        return part

    async def read_fields(self) -> dict[str, object]:
        """Reads the fields before the first file, and returns `fields`; nothing is stored.

        They are yielded later all the same. Raises as iterating does.
        """
        try:
            while self._next_file is None and not self._is_done and self._file is None:
                part = await self._read()
                if isinstance(part, FieldPart):
                    self._ahead.append(part)
                else:
                    self._next_file = part
        except UploadError:
            await self._source.drain()
            raise
        return self.fields

    async def _part(self) -> Part | None:
        await self._skip_file()
        while True:
            if self._ahead:
                part: FieldPart | Heading | None = self._ahead.popleft()
            elif self._next_file is not None:
                part, self._next_file = self._next_file, None
            else:
                part = None if self._is_done else await self._read()
            if isinstance(part, Heading):
                return await self._open(part)
            if part is None or not self.reading.auto_fields:
                return part

    async def _read(self) -> FieldPart | Heading | None:
        """Returns the next field, the heading of the next file, or None at the end."""
        while True:
            event = await self._source.event()
            if isinstance(event, Done):
                self._is_done = True
                return None
            if not isinstance(event, Begin):
                continue  # of a part that is skipped
            self._count("parts", self.reading.limits.most_parts)
            heading = heading_of(event.headers, self.reading.param_charset)
            if heading is None or heading.filename == "":
                continue
            if len(heading.name.encode()) >= self.reading.limits.field_name_size:
                raise LimitError("fieldNameSize")
            if heading.filename is not None:
                self._count("files", self.reading.limits.files)
                return heading
            return await self._field(heading)

    async def _field(self, heading: Heading) -> FieldPart:
        limits, pieces, size = self.reading.limits, list[bytes](), 0
        self._count("fields", limits.fields)
        while not isinstance(event := await self._source.event(), End):
            data = _content(event)
            size += len(data)
            self._field_bytes += len(data)
            if size >= limits.field_size:
                raise LimitError("fieldSize")
            if self._field_bytes >= limits.fields_size:
                raise LimitError("fieldsSize")
            pieces.append(data)
        charset = self.reading.charset
        value = decode(b"".join(pieces), heading.charset or charset, charset)
        self._collect(heading.name, value)
        return FieldPart(name=heading.name, value=value, mime=heading.mime or "text/plain")

    async def _open(self, heading: Heading) -> FilePart:
        filename = clean_name(heading.filename or "")
        part = self._file = FilePart(
            field=heading.name,
            filename=filename,
            mime=heading.mime or "application/octet-stream",
            transfer_encoding=heading.transfer_encoding,
            fields=dict(self.fields),
        )
        part.more = partial(self._more, part)
        if self.reading.check_file is None:
            self.reading.check_name(filename)
        else:
            result = self.reading.check_file(heading.name, part, filename)
            error = await result if isawaitable(result) else result
            if error is not None:
                raise _as_error(error, filename)
        return part

    async def _more(self, part: FilePart) -> bytes:
        """Returns the next bytes of a file, b"" at its end."""
        if part is not self._file:
            raise EggError(
                f"the file of field {part.field!r} was skipped", hint="read it before the next part"
            )
        try:
            event = await self._source.event()
            if isinstance(event, End):
                self._file, part.is_complete = None, True
                return b""
            data = _content(event)
            if part.size + len(data) >= self.reading.limits.file_size:
                raise self._too_large(part)
        except UploadError:
            await self._source.drain()
            raise
        return data

    async def _skip_file(self) -> None:
        """Discards the rest of a file that the handler has not read."""
        if self._file is not None:
            self._file = None
            while not isinstance(await self._source.event(), End):
                pass

    def _too_large(self, part: FilePart) -> UploadError:
        if self.is_saving:
            return LimitError("fileSize")
        return MultipartFileTooLargeError(part.fields, part.filename)

    def _count(self, kind: str, most: int) -> None:
        self._counts[kind] += 1
        if self._counts[kind] > most:
            raise LimitError(kind)

    def _collect(self, name: str, value: str) -> None:
        if not self._arrays or name not in self.fields:
            self.fields[name] = value
            return
        earlier = self.fields[name]
        values = earlier if isinstance(earlier, list) else [earlier]
        self.fields[name] = [*values, value]


def _as_error(result: object, filename: str) -> Exception:
    """Returns the result of a `check_file`; an EggError if it is not an exception."""
    if isinstance(result, Exception):
        return result
    hint = "return an exception to refuse the file, and None to accept it"
    return EggError(f"multipart: check_file of {filename!r} returned {result!r}", hint=hint)


def _content(event: Event) -> bytes:
    assert isinstance(event, Content)
    return event.data
