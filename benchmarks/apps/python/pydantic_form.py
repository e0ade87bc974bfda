"""Prints the microseconds of CPU that one check of a form takes by pydantic.

python3 pydantic_form.py < FORM, which is {"data": {..}, "checks": N} as JSON; the best of 5 rounds.
"""

from __future__ import annotations

import json
import sys
from time import process_time
from typing import Annotated, Literal

from pydantic import BaseModel, Field

DAY = r"^\d{4}-\d{2}-\d{2}$"


class Form(BaseModel):
    """The fields of benchmarks/validate; the patterns are shorter than those of the rules."""

    name: Annotated[str, Field(max_length=40)]
    email: Annotated[str, Field(pattern=r"^[^@]+@[^@]+$")]
    age: Annotated[int, Field(ge=18, le=130)]
    role: Literal["reader", "author"]
    site: Annotated[str, Field(pattern=r"^https?://\S+$")]
    born: Annotated[str, Field(pattern=DAY)]
    newsletter: bool
    password: Annotated[str, Field(min_length=8)]
    score: Annotated[float, Field(ge=0, le=100)]
    id: Annotated[str, Field(pattern=r"^\d+$")]


def main() -> None:
    """Measures the form of standard input."""
    given = json.load(sys.stdin)
    print(min(_round(given["data"], given["checks"]) for _ in range(5)))


def _round(data: dict[str, object], checks: int) -> float:
    begin = process_time()
    for _ in range(checks):
        Form.model_validate(data)
    return (process_time() - begin) / checks * 1e6


if __name__ == "__main__":
    main()
