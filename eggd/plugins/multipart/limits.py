"""The limits of one upload, all checked before anything reaches the disk (process:MP-10, MP-11)."""

from __future__ import annotations

from dataclasses import dataclass

from eggd import Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most of everything; a size is too large when it reaches its limit, as in Egg."""

    field_name_size: Bytes = 100
    """Bytes of a field's name; 100 is too long. Egg does not enforce it."""
    field_size: Bytes = 100 * 1024
    """Bytes of a field."""
    fields: int = 10
    """Fields of a request; 10 are accepted."""
    fields_size: Bytes = 1024 * 1024
    """Bytes of the fields of a request together."""
    file_size: Bytes = 10 * 1024 * 1024
    """Bytes of a file."""
    files: int = 10
    """Files of a request; 10 are accepted."""
    parts: int | None = None
    """Parts of a request, also those that are skipped; None: 20 more than `fields` and `files`."""
    header_size: Bytes = 8 * 1024
    """Bytes of the header lines of a part."""

    @property
    def most_parts(self) -> int:
        """The limit of the parts."""
        return self.fields + self.files + 20 if self.parts is None else self.parts
