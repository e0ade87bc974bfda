"""The language of the house: each rule of tests/house/language.py holds, and can fail."""

import functools
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from tests.house import language
from tests.house.imports import ROOT
from tests.house.language import Offence, Text, python_texts

Rule = Callable[[Iterable[Text]], Iterator[Offence]]

PLANTED: list[tuple[Rule, str]] = [
    (language.placeholders, '"""wire: to be described by its owner."""'),
    (language.placeholders, "x = 1  # TODO: the rest"),
    (language.phrases, '"""Requests that nobody serves."""'),
    (language.phrases, '"""Malformed JSON:\n\n    what is none is refused"""'),
    (language.phrases, "# the client goes away"),
    (language.phrases, 'error = f"{name!r} is no name"'),
    (language.phrases, 'help = "60 unless said"'),
    (language.starts, '"""the map of a folder."""'),
    (language.starts, 'size: int = 1\n"""bytes of a body"""'),
    (language.starts, 'def f():\n    """Return the media type."""'),
    (language.starts, 'def f():\n    """Stops and start the unit."""'),
    (language.starts, 'def f():\n    """Fill in the rest."""'),
    (language.starts, 'def f():\n    """Reads the file; return its lines."""'),
    (language.subjectless, '"""What a worker does at start."""'),
    (language.subjectless, 'size: int = 1\n"""How many bytes."""'),
    (language.subjectless, 'def test_a():\n    """It comes back."""'),
    (language.subjectless, "x = 1\n\n# That is read again.\n# It is short."),
]

ALLOWED = [
    '"""A file that there is no name for is left alone."""',
    'def f():\n    """Returns `None`, or the value that is `none` in a unit file."""',
    'def f():\n    """Start of the body, in bytes."""',
    "header = \"default-src 'none'\"",
    '"""404 for unknown paths."""',
    '"""`ctx.body` as bytes."""',
    "# The listener is closed last.\n# It is inherited.",
]


@functools.cache
def offences() -> list[Offence]:
    """Returns the offences of the tree."""
    return language.offences()


@pytest.mark.parametrize("rule", ["placeholder", "phrase", "start", "subject", "name", "map"])
def test_the_tree_keeps(rule: str) -> None:
    left = language.pending()
    found = [one for one in offences() if one.rule == rule and (rule, one.folder) not in left]
    assert [str(one) for one in found] == []


@pytest.mark.parametrize(("rule", "source"), PLANTED)
def test_an_offence_is_found(rule: Rule, source: str) -> None:
    assert len(list(rule(python_texts("a.py", f"{source}\n")))) == 1


@pytest.mark.parametrize(
    "source",
    ["found = 1", "def _shown(): ...", "def f(told): ...", "self.wanted = 1", "for made in x: ..."],
)
def test_a_bare_participle_as_a_name_is_found(source: str) -> None:
    assert len(list(language.names("a.py", f"{source}\n"))) == 1


def test_names_that_contain_a_participle_pass() -> None:
    assert list(language.names("a.py", "not_found = is_shown = x.found\n")) == []


@pytest.mark.parametrize("source", ALLOWED)
def test_plain_text_passes(source: str) -> None:
    rules: list[Rule] = [
        language.placeholders,
        language.phrases,
        language.starts,
        language.subjectless,
    ]
    found = [one for rule in rules for one in rule(python_texts("a.py", f"{source}\n"))]
    assert found == []


def test_an_offence_in_a_page_or_a_unit_is_found() -> None:
    page = language.page_texts("a.md", "Call `nobody`.\n\nIt is told to stop.\n")
    unit = language.comment_texts("a.service", "[Unit]\n# Whoever asks, none answers.\n")
    assert [str(one) for one in language.phrases(page)] == ["a.md:3: phrase: is told"]
    assert [one.text for one in language.phrases(unit)] == ["none"]


def test_a_map_that_is_wrong_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "eggd/room"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text('"""A room.\n\na.py  a\nb.py  b\nold.py  gone\n"""\n')
    for name in ("a", "b", "c", "d"):
        (folder / f"{name}.py").touch()
    found = sorted(one.text for one in language.maps(tmp_path))
    assert found == ["c.py is missing", "d.py is missing", "old.py does not exist"]


@pytest.mark.parametrize(
    "subject",
    [
        "Http: reject a bare LF",
        "http: Reject a bare LF",
        "http: reject a bare LF.",
        "reject a bare LF",
        "http: reject a bare LF in the chunk extension of a request that is longer",
    ],
)
def test_a_bad_commit_subject_is_found(subject: str) -> None:
    assert list(language.subjects([subject, "app, docs: name the limit"])) == [subject]


def test_the_commits_keep_their_form() -> None:
    git = ["git", "-C", str(ROOT), "log", "--no-merges", "--format=%s", f"{language.START}.."]
    try:
        done = subprocess.run(git, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no git history that reaches the first commit of the rule")
    assert list(language.subjects(done.stdout.splitlines())) == []
