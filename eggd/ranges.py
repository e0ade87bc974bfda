"""`Between`: the range of a number of the config, stated where its field is declared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Between:
    """The least and the largest value of a field: `Annotated[int, Between(1, 64)]`.

    Both are allowed. They are seconds for a field of type `Seconds`, bytes for `Bytes`.
    """

    least: float
    """The least value."""
    most: float
    """The largest value."""
    hint: str = ""
    """The instruction of the error for a larger value."""
