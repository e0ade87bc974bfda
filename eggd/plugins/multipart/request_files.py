"""The saved files of one request: removed if its answer is an error (known:KW-56)."""

from __future__ import annotations

import asyncio
from pathlib import Path
from weakref import ref

from eggd import Context
from eggd.plugins.multipart.parts import FilePart
from eggd.plugins.multipart.reader import Multipart
from eggd.plugins.multipart.saving import Storage
from eggd.plugins.multipart.uploaded_file import UploadedFile


class RequestFiles:
    """The files of one request. The context refers to it, not it to the context."""

    def __init__(self, ctx: Context, storage: Storage) -> None:
        self._ctx = ref(ctx)
        self._storage = storage
        self._run_in_background = ctx.app.run_in_background
        # The paths of all files, complete or not, that are on disk.
        self._paths: list[Path] = []
        self._is_settled = False
        ctx.before_send(self._settle)
        task = asyncio.current_task()
        if task is not None:
            task.add_done_callback(self._ended)

    async def save(self, parts: Multipart) -> list[UploadedFile]:
        """Saves all files of the request; on any failure removes them and raises."""
        parts.is_saving = True
        files: list[UploadedFile] = []
        try:
            async for part in parts:
                if isinstance(part, FilePart):
                    file = await self._storage.save(part, self._paths)
                    files.append(file)
        except BaseException:
            await asyncio.shield(self.remove())
            raise
        return files

    async def remove(self, files: list[UploadedFile] | None = None) -> None:
        """Removes some of the files, by default all; one that is missing is not an error."""
        if files is None:
            paths, self._paths = self._paths, []
        else:
            paths = [file.path for file in files]
            self._paths = [path for path in self._paths if path not in paths]
        await self._storage.remove(paths)

    def fail(self) -> None:
        """Removes the files soon if an exception ended the answer in its middle.

        One of a background task, before or after the answer, does not.
        """
        ctx = self._ctx()
        if ctx is None or ctx.exchange.finished:
            return
        if ctx.exchange.started:
            self._remove_soon()
        elif self._is_settled:  # the body cannot be written: the status of the answer changes
            ctx.before_send(self._settle)

    def _remove_soon(self) -> None:
        self._run_in_background(self.remove, "remove uploads")

    async def _settle(self) -> None:
        """Removes the files before an answer of 400 or above, and leaves them to the app else."""
        self._is_settled = True
        ctx = self._ctx()
        if ctx is None or ctx.status >= 400:
            await self.remove()
        else:
            await self._storage.release(self._paths)

    def _ended(self, task: asyncio.Task[object]) -> None:
        """Does so for a request whose answer was never sent, as its task was cancelled.

        Another task may have saved the files, and end before the handler: `asyncio.wait_for`.
        """
        if not self._is_settled and task.cancelled():
            self._is_settled = True
            self._remove_soon()
