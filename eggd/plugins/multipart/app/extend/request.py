"""`ctx.request.files`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import eggd

if TYPE_CHECKING:
    from eggd.plugins.multipart.uploaded_file import UploadedFile


class Request(eggd.Request):
    """A request with saved files."""

    files: list[UploadedFile] | None = None
    """The saved files in the order of the body; None before any is saved (process:MP-30)."""
