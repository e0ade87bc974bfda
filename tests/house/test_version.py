"""The version of Python's package is that of Debian's changelog."""

import re

from eggd.version import __version__
from tests.house.imports import ROOT


def test_the_changelog_has_the_version() -> None:
    first = (ROOT / "packaging/debian/changelog").read_text().splitlines()[0]
    match = re.fullmatch(r"eggd \((\d+(?:\.\d+)+)(?:-\d+)?\) \S+; urgency=\w+", first)
    assert match is not None
    assert match[1] == __version__
