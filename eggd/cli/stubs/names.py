"""Trees of names as the text of classes: one class for each level."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping, Sequence

Names = Mapping[str, "str | Names"]
"""Name of an attribute -> its annotation, or the names below it."""

UNKNOWN = "Any"
"""The annotation of a value whose type a stub cannot name."""


def classes(name: str, names: Names, bases: Sequence[str] = (), doc: str = "") -> Iterator[str]:
    """Yields the text of the class `name` and, before it, of the classes of its attributes.

    Names that Python reserves are left out: no code can write them as attributes.
    """
    lines = []
    for each, below in sorted(names.items()):
        if not each.isidentifier() or keyword.iskeyword(each):
            continue
        if isinstance(below, str):
            lines.append(f"    {each}: {below}")
        else:
            nested = f"_{name.lstrip('_')}_{each}"
            inherited = [base for base in bases if base.startswith("dict[")]
            yield from classes(nested, below, inherited)
            lines.append(f"    {each}: {nested}")
    head = f"class {name}({', '.join(bases)}):" if bases else f"class {name}:"
    body = [f'    """{doc}"""'] if doc else []
    yield "\n".join([head, *body, *lines] if body or lines else [f"{head} ..."])


def merged(one: Names, other: Names) -> Names:
    """Returns the names of both; an attribute of two types is either, or anything."""
    result = dict(one)
    for name, below in other.items():
        result[name] = _both(result[name], below) if name in result else below
    return result


def _both(one: str | Names, other: str | Names) -> str | Names:
    if isinstance(one, str) and isinstance(other, str):
        if one == other or UNKNOWN in (one, other):
            return one if one == other else UNKNOWN
        return f"{one} | {other}"
    if isinstance(one, str) or isinstance(other, str):
        return UNKNOWN
    return merged(one, other)
