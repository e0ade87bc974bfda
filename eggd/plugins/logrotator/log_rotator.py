"""`LogRotator`: a rotation of the app's own (process:ROT-15)."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from pathlib import Path

from eggd import Agent, EggError


class LogRotator:
    """Renames files by rules of its own: a subclass says which file gets which name."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent

    def get_rotate_files(self) -> Mapping[Path, Path] | Awaitable[Mapping[Path, Path]]:
        """Returns the new path of each file; may be async."""
        raise NotImplementedError

    async def rotate(self) -> list[Path]:
        """Renames the files and has all processes reopen theirs; returns the new paths.

        Compresses them as `logrotator` in the config has it. Raises EggError for an answer of
        `get_rotate_files` that is not a mapping of absolute paths.
        """
        answer = self.get_rotate_files()
        files: object = await answer if isinstance(answer, Awaitable) else answer
        if not isinstance(files, Mapping) or not all(
            isinstance(path, Path) and path.is_absolute() for pair in files.items() for path in pair
        ):
            raise EggError(
                f"{type(self).__name__}.get_rotate_files returned {files!r}",
                hint="return a dict of absolute paths: {Path(...): Path(...)}",
            )
        return await self.agent.logrotator.rename(files)
