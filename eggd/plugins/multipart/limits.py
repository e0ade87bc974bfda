"""The limits of one upload, all checked before anything reaches the disk (process:MP-10, MP-11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from eggd import Between, Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most of everything; a size is too large when it reaches its limit, as in Egg."""

    field_name_size: Annotated[Bytes, Between(1, 1 << 20)] = 100
    """Bytes of a field's name; 100 is too long. Egg does not enforce it."""
    field_size: Annotated[Bytes, Between(0, 1 << 30)] = 100 * 1024
    """Bytes of a field."""
    fields: Annotated[int, Between(0, 100_000)] = 10
    """Fields of a request; 10 are accepted."""
    fields_size: Annotated[Bytes, Between(0, 1 << 34)] = 1024 * 1024
    """Bytes of the fields of a request together."""
    file_size: Annotated[Bytes, Between(0, 1 << 40)] = 10 * 1024 * 1024
    """Bytes of a file."""
    files: Annotated[int, Between(0, 100_000)] = 10
    """Files of a request; 10 are accepted."""
    parts: Annotated[int, Between(0, 1_000_000)] | None = None
    """Parts of a request, also those that are skipped; None: 20 more than `fields` and `files`."""
    header_size: Annotated[Bytes, Between(1, 1 << 20)] = 8 * 1024
    """Bytes of the header lines of a part."""

    @property
    def most_parts(self) -> int:
        """The limit of the parts."""
        return self.fields + self.files + 20 if self.parts is None else self.parts
