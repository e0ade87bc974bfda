"""`ctx.multipart` and the functions that save files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import eggd
from eggd import EggError
from eggd.plugins.multipart.options import MultipartOptions, reading_of
from eggd.plugins.multipart.parts import FilePart
from eggd.plugins.multipart.reader import Multipart
from eggd.plugins.multipart.request_files import RequestFiles
from eggd.plugins.multipart.single import first_file
from eggd.plugins.multipart.uploaded_file import UploadedFile


class Context(eggd.Context):
    """A request whose body may be an upload."""

    _multipart: Multipart | None = None
    _is_consumed = False
    request_files: RequestFiles | None = None
    """The saved files of this request, None without any."""

    def multipart(self, **options: Unpack[MultipartOptions]) -> Multipart:
        """Returns the parts of the body: `async for part in ctx.multipart(): ...` (process:MP-20).

        Raises HttpError 400 if the body is not multipart, EggError for an unknown option and for
        the second call in a request.
        """
        if self._is_consumed:
            hint = "ctx.request.files has the saved files, ctx.request.body the fields"
            raise EggError("the multipart request can't be consumed twice", hint=hint)
        parts = self._open_multipart(options)
        self._is_consumed = True
        return parts

    async def get_file_stream(
        self, *, require_file: bool = True, **options: Unpack[MultipartOptions]
    ) -> FilePart:
        """Returns the first file; its `fields` are those before it in the body (process:MP-22).

        Without a file HttpError 400 is raised, or the empty part returned if it is not required.
        """
        return await first_file(self.multipart(**options), require_file=require_file)

    async def save_request_files(self, **options: Unpack[MultipartOptions]) -> list[UploadedFile]:
        """Saves all files, and returns them as `ctx.request.files`; fields are `ctx.request.body`.

        They are removed if the answer is an error (process:MP-34).
        """
        parts = self.multipart(**options)
        self.request_files = RequestFiles(self, self.app.uploads)
        self.request.files = await self.request_files.save(parts)
        self.request.body = parts.fields
        return self.request.files

    async def cleanup_request_files(self, files: Sequence[UploadedFile] | None = None) -> None:
        """Removes saved files, by default all of this request (process:MP-35)."""
        if self.request_files is not None:
            await self.request_files.remove(None if files is None else list(files))

    async def read_leading_fields(self) -> dict[str, object]:
        """Returns the fields before the first file, for a check before anything is stored.

        The handler gets them all the same. Raises as `multipart`, and reading its parts.
        """
        return await self._open_multipart(None).read_fields()

    def _open_multipart(self, options: MultipartOptions | None) -> Multipart:
        """Returns the parts; None keeps the options of an earlier call."""
        app = self.app
        if self._multipart is None:
            rules, arrays = app.upload_rules, app.config.multipart.allow_array_field
            self._multipart = Multipart(self, reading_of(rules, options or {}), arrays=arrays)
        elif options is not None:
            self._multipart.follow(reading_of(app.upload_rules, options))
        return self._multipart
