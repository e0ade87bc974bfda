"""Suggests the known name that an unknown one is most like, and finds misspellings.

Two measures. After a failure a hint may be generous: difflib finds the nearest name. `misspelt`
decides whether a start fails, and an app adds its own names: `greeting`, `cache` or `http2` must
never count as misspellings.
"""

from __future__ import annotations

from collections.abc import Iterable

_SHORT = 4
"""Names of up to this length are too similar: `game` is not a misspelt `name`."""
_LONG = 9
"""Names from this length on may have two mistakes."""


def did_you_mean(right: str) -> str:
    """Returns the hint that names the right word."""
    return f"did you mean {right!r}?"


def suggestion(name: str, known: Iterable[str]) -> str:
    """Returns the hint with the known name that is most like `name`, "" without one."""
    from difflib import get_close_matches  # after a failure only: it takes 140 KiB

    near = get_close_matches(name, list(known), n=1)
    return did_you_mean(near[0]) if near else ""


def suggestion_or_list(name: str, known: Iterable[str], label: str = "known") -> str:
    """Returns the hint with the nearest known name, or `label` and all known names."""
    names = list(known)
    return suggestion(name, names) or f"{label}: {', '.join(names) or 'none'}"


def misspelt(name: str, known: Iterable[str]) -> str:
    """Returns the known name of which `name` is a misspelling, else "".

    A misspelling differs in case or separators, or has one letter missing, superfluous, wrong or
    exchanged with its neighbour; a name of 9 letters or more may have two such mistakes, with the
    same first letter, or another number (`proxy`, `proxies`). A different digit is never a mistake.
    """
    names = list(known)
    if name in names:
        return ""
    plain_name, plain_names = plain(name), [(each, plain(each)) for each in names]
    return (
        next((each for each, other in plain_names if other == plain_name), "")
        or next((each for each, other in plain_names if _is_plural(plain_name, other)), "")
        or next((each for each, other in plain_names if _near(plain_name, other)), "")
    )


def miswritten(name: str, known: Iterable[str]) -> str:
    """Returns the known name of equal length that differs from `name` in one letter or in two
    neighbours exchanged, else "".

    For short names too, so only for a caller that has another sign of a mistake.
    """
    return next(
        (each for each in known if len(each) == len(name) and _distance(name, each) == 1), ""
    )


def plain(name: str) -> str:
    """Returns a name without case and separators: body_parser for bodyParser."""
    return name.replace("_", "").replace("-", "").lower()


def _is_plural(name: str, known: str) -> bool:
    """Returns whether a long name and a known one are singular and plural, with `y` and `ies`."""
    one, many = sorted((name, known), key=len)
    return len(known) >= _LONG and one.endswith("y") and f"{one[:-1]}ies" == many


def _near(name: str, known: str) -> bool:
    limit = 2 if len(known) >= _LONG and name[:1] == known[:1] else 1
    if abs(len(name) - len(known)) > limit or len(set(name) ^ set(known)) > 2 * limit:
        return False  # a mistake changes two letters at most
    if _digits(name) != _digits(known):
        return False
    if len(known) <= _SHORT and len(name) == len(known):
        return sorted(name) == sorted(known) and _distance(name, known) == 1
    return _distance(name, known) <= limit


def _digits(name: str) -> str:
    return "".join(filter(str.isdecimal, name))


def _distance(one: str, other: str) -> int:
    """Returns the number of letters to insert, delete, replace or exchange with the next one."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        new = [i]
        for j, b in enumerate(other, 1):
            min_cost = min(row[j] + 1, new[j - 1] + 1, row[j - 1] + (a != b))
            if i > 1 and j > 1 and (a, one[i - 2]) == (other[j - 2], b):
                min_cost = min(min_cost, before[j - 2] + 1)
            new.append(min_cost)
        before, row = row, new
    return row[-1]
