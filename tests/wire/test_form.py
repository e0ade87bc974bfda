"""The objects that forms are parsed into (core:BODY-7)."""

import pytest

from eggd.wire.form import FormLimits, Value, parse_form


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("", {}),
        ("a=1&b=&c", {"a": "1", "b": "", "c": ""}),
        ("a=1&a=2", {"a": ["1", "2"]}),
        ("a=x+y%26z%C3%A9", {"a": "x y&z\xe9"}),
        ("a=1=2", {"a": "1=2"}),
        ("a[b]=1&a[c]=2", {"a": {"b": "1", "c": "2"}}),
        ("a%5Bb%5D=1", {"a": {"b": "1"}}),
        ("a.b=1&a.c.d=2", {"a": {"b": "1", "c": {"d": "2"}}}),
        ("a[]=1", {"a": ["1"]}),
        ("a[]=1&a[]=2", {"a": ["1", "2"]}),
        ("a[1]=y&a[0]=x", {"a": ["x", "y"]}),
        ("a[7]=x", {"a": ["x"]}),
        ("a[01]=x", {"a": {"01": "x"}}),
        ("a[][b]=1&a[][c]=2", {"a": [{"b": "1", "c": "2"}]}),
        ("a=1&a[b]=2", {"a": ["1", {"b": "2"}]}),
        ("a[b=c]=d", {"a": {"b=c": "d"}}),
        ("[a]=1", {"a": "1"}),
    ],
)
def test_keys_nest_by_brackets_and_dots(text: str, values: dict[str, Value]) -> None:
    # core:BODY-7
    assert parse_form(text, FormLimits()) == values


def test_an_index_above_the_limit_is_a_key() -> None:
    """Nobody makes a list of a million by one field (core:BODY-7)."""
    assert parse_form("a[100]=x", FormLimits()) == {"a": ["x"]}
    assert parse_form("a[101]=x", FormLimits()) == {"a": {"101": "x"}}
    assert parse_form("a[99999999999999]=x", FormLimits()) == {"a": {"99999999999999": "x"}}


def test_a_key_below_the_depth_limit_is_not_split() -> None:
    # core:BODY-7
    deep = parse_form("a[b][c][d][e][f][g][h]=x", FormLimits())
    assert deep == {"a": {"b": {"c": {"d": {"e": {"f": {"[g][h]": "x"}}}}}}}
    assert parse_form("a.b.c=x", FormLimits(depth=1)) == {"a": {"b": {"[c]": "x"}}}


def test_fields_beyond_the_limit_are_dropped() -> None:
    # core:BODY-7
    assert len(parse_form("&".join(f"k{n}=1" for n in range(2000)), FormLimits())) == 1000


@pytest.mark.parametrize("text", ["=x", "[]=x", "__proto__[a]=1", "a[constructor]=1", "toString=1"])
def test_fields_without_a_name_or_with_every_objects_are_dropped(text: str) -> None:
    # core:BODY-7
    assert parse_form(f"{text}&ok=1", FormLimits()) == {"ok": "1"}


@pytest.mark.parametrize(
    "key", ["]", "[", "a[", "a]", "]]", "a[b", "[]]", "a[[b]]", ".", "..", "a."]
)
def test_malformed_keys_are_safe(key: str) -> None:
    # core:BODY-7
    assert len(parse_form(f"{key}=x", FormLimits())) <= 1


def test_a_megabyte_of_brackets_is_quick() -> None:
    """Hostile keys cost what they are long (core:BODY-7)."""
    assert parse_form("a" + "[b]" * 300_000 + "=x", FormLimits())
    assert parse_form("a" + ".b" * 300_000 + "=x", FormLimits())
    assert parse_form("a" + "[" * 1_000_000 + "=x", FormLimits())
