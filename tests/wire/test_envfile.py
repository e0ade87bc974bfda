"""Table of files as systemd 252 and 257 read them, and of what they would drop silently."""

import pytest

from eggd.wire.envfile import parse
from eggd.wire.line_error import LineError

READS = {
    "": [],
    "\n  \n# a comment\n; another\n": [],
    "A=1": [("A", "1")],
    "A=\nB=2\n": [("A", ""), ("B", "2")],
    "  A = 1 2  \n": [("A", "1 2")],
    "A='one  ' \n": [("A", "one  ")],
    'A="one" two\n': [("A", "onetwo")],
    'A=x"y"\n': [("A", 'x"y"')],
    'A="a\\"b\\$c\\d"\n': [("A", 'a"b$c\\d')],
    'A="two\nlines"\n': [("A", "two\nlines")],
    'A="joined \\\nline"\n': [("A", "joined line")],
    "A=joined \\\n  line\n": [("A", "joined   line")],
    "A=a\\ \\ \n": [("A", "a  ")],
    "A=b\\": [("A", "b")],
    'A={"logger": {"level": "INFO"}}': [("A", '{"logger": {"level": "INFO"}}')],
    "A=1\r\nB=2\r\n": [("A", "1"), ("B", "2")],
    "A=1 # no comment\n": [("A", "1 # no comment")],
    "A=é\n": [("A", "é")],
    "# C:\\dir\nA=1": [("A", "1")],
}


@pytest.mark.parametrize(("text", "expected"), READS.items())
def test_reads_as_systemd_does(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(each.key, each.value) for each in parse(text)] == expected


REFUSES = {
    "A=1\nthis is nonsense\n": "line 2: 'this is nonsense' is not an assignment (KEY=value)",
    "=foo": "line 1: '' is not a valid name of a variable",
    "export A=1": "line 1: 'export A' is not a valid name of a variable",
    "\n\nA-B=1": "line 3: 'A-B' is not a valid name of a variable",
    "A=1\nB='open\n\n": "line 2: the quote that opens here is never closed",
    'A="open\\': "line 1: the quote that opens here is never closed",
    "# comment \\\nA=1": "line 1: a comment must not end in a backslash",
    'A="two\nlines"\nnonsense': "line 3: 'nonsense' is not an assignment (KEY=value)",
}


@pytest.mark.parametrize(("text", "message"), REFUSES.items())
def test_refuses_what_systemd_drops(text: str, message: str) -> None:
    with pytest.raises(LineError) as caught:
        list(parse(text))
    assert str(caught.value) == message


def test_says_the_line_of_each_key() -> None:
    assert [each.line for each in parse('A="x\ny"\n\nB=2\n')] == [1, 4]
