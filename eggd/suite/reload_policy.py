"""Decides which changed files mean that workers run old code.

Everything that watches files in order to reload uses it:

    policy = ReloadPolicy.of("/srv/shop", ignore_dirs=["app/web"])
    policy.roots                                  where to watch; some may be missing
    policy.counts("/srv/shop/app/router.py")      True; False below an ignored folder
    policy.counts("/srv/shop/app", is_directory=True)      False: folders never count

The agent's plugin `development` watches, and requests new workers from the supervisor by the field
X_EGGD_RELOAD=REASON of a notification (eggd/systemd/notifier.py).

No file is read here: a path is text, and need not exist (a deleted file counts, too).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

WATCHED = ("app", "config", "mocks", "mocks_proxy", "app.py")
"""Folders and files watched in every app, all types; of other folders only Python code counts."""
DEVELOPED = "EGGD_DEV"
"""The variable with which `eggd dev` tells its agent that changes restart the agent, too."""
OF_WORKERS = ("app", "mocks", "mocks_proxy", "app.py")
"""Code that only workers load: a change elsewhere also restarts the agent under `eggd dev`."""
OF_AGENT = ("app/extend/agent", "app/schedule")
"""The code in `app` that the agent loads."""
IGNORED = ("app/views", "app/view", "app/assets", "app/public", "app/web")
"""Files that workers read again at each use, or never."""
WRITTEN = ("logs", "run")
"""Files that the processes write: each reload would cause the next."""
_TEMPORARY = re.compile(r"(?:^|/)(?:\.[^/]*|__pycache__)(?:/|$)|(?:~|\.sw[px]|\.tmp|\.pyc)$")
_TOKEN = re.compile(r"\*\*/|\*\*|\*|\?|\{[^{}]*\}|.", re.DOTALL)
_WILD = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


@dataclass(frozen=True, slots=True)
class ReloadPolicy:
    """The paths of one app that count; created by `of`."""

    base_dir: str
    """The app's folder, absolute."""
    roots: tuple[str, ...]
    """The watched folders (whole trees) and files, absolute."""
    ignored: tuple[str, ...]
    """Folders and files below `roots` that do not count, absolute."""
    patterns: tuple[tuple[bool, re.Pattern[str]], ...]
    """Pairs: whether a match counts, and the pattern. Without patterns every path counts."""
    sources: tuple[str, ...] = ()
    """Folders and files of which only Python code counts, absolute (`eggd.sourcefolders`)."""
    debounce: ClassVar[float] = 0.2
    """Seconds without a change before a reload, so that several saves cause only one."""

    @classmethod
    def of(
        cls,
        base_dir: str,
        *,
        watch_dirs: Iterable[str] = (),
        ignore_dirs: Iterable[str] = (),
        reload_pattern: Iterable[str] = (),
        override_default: bool = False,
        override_ignore: bool = False,
    ) -> ReloadPolicy:
        """Returns the policy of an app; relative paths are relative to `base_dir`.

        `watch_dirs` and `ignore_dirs` are added to the defaults, or replace them where overridden.
        """
        watched = [*(() if override_default else WATCHED), *watch_dirs]
        ignored = [*(() if override_ignore else IGNORED), *ignore_dirs, *WRITTEN]
        return cls(
            base_dir,
            tuple(_absolute(base_dir, path) for path in watched),
            tuple(_absolute(base_dir, path) for path in ignored),
            tuple(_pattern(pattern) for pattern in reload_pattern),
        )

    @property
    def watched(self) -> tuple[str, ...]:
        """All folders and files to watch, absolute."""
        return (*self.roots, *self.sources)

    def with_sources(self, sources: Iterable[str]) -> ReloadPolicy:
        """Returns the policy with these sources."""
        return replace(self, sources=tuple(sources))

    def of_agent(self, reason: str) -> bool:
        """Returns whether the agent runs old code after a change; `reason` begins with the path."""
        if reason.startswith(OF_AGENT):
            return True
        return not any(
            reason == name or reason.startswith((f"{name}/", f"{name} ")) for name in OF_WORKERS
        )

    def counts(self, path: str, *, is_directory: bool = False) -> bool:
        """Returns whether workers are to be reloaded when the file at this absolute path changes.

        Hidden files, compiled Python files and temporary files of editors never count.
        """
        root = next((root for root in self.roots if within(path, root)), None)
        if root is None and path.endswith(".py"):
            root = next((root for root in self.sources if within(path, root)), None)
        if root is None or is_directory or _TEMPORARY.search(path.removeprefix(root)):
            return False
        return not any(within(path, folder) for folder in self.ignored) and self._matches(path)

    def name(self, path: str) -> str:
        """Returns the path relative to the app if it is in the app's folder."""
        return posixpath.relpath(path, self.base_dir) if within(path, self.base_dir) else path

    def _matches(self, path: str) -> bool:
        """The last pattern that matches decides; a list that begins with `!` begins with all."""
        name = self.name(path)
        counts = not self.patterns or not self.patterns[0][0]
        for meaning, pattern in self.patterns:
            if pattern.fullmatch(name):
                counts = meaning
        return counts


def within(path: str, folder: str) -> bool:
    """Returns whether a path is a folder or below it: `app/viewer.py` is not within `app/view`."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _absolute(base_dir: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(base_dir, path))


def _pattern(pattern: str) -> tuple[bool, re.Pattern[str]]:
    """`**` any depth, `*` and `?` within one name, `{py,html}`; `!` in front: not these."""
    glob = pattern.removeprefix("!")
    return glob == pattern, re.compile("".join(map(_regex, _TOKEN.findall(glob))), re.DOTALL)


def _regex(token: str) -> str:
    if token[0] == "{" and token[-1] == "}":
        return f"(?:{'|'.join(map(re.escape, token[1:-1].split(',')))})"
    return _WILD.get(token) or re.escape(token)
