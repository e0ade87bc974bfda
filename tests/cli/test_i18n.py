"""`eggd i18n`: the commands, run as a user runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from tests.cli.host import Host, error

pytestmark = pytest.mark.slow

APP = {"app/router.py": 'def router(app):\n    app.get("/", lambda ctx: ctx.__("Hello"))\n'}


def test_the_three_commands_name_the_files_that_they_write(tmp_path: Path) -> None:
    host, root = Host(tmp_path), make_app(tmp_path / "shop", APP)
    folder = "config/locale/de/LC_MESSAGES"
    for arguments, line in (
        (["extract"], "config/locale/messages.pot: 1 text\n"),
        (["update", "de"], f"{folder}/messages.po: 0 of 1 text translated\n"),
        (["compile"], f"{folder}/messages.mo: 0 of 1 text translated\n"),
    ):
        ended = host.eggd("--base", str(root), "i18n", *arguments)
        assert (ended.returncode, ended.stdout) == (0, line)
        # On a busy machine there is a line of progress.
        assert ended.stderr in ("", "reading app/router.py\n")


def test_help_shows_examples(tmp_path: Path) -> None:
    text = Host(tmp_path).eggd("i18n").stdout
    assert "eggd i18n update de pt_BR" in text
    assert "extract" in text


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["update", "nope!"], "messages.pot: does not exist (run 'eggd i18n extract')"),
        (["extrakt"], "eggd i18n: extrakt: unknown command (did you mean 'extract'?)"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(tmp_path: Path, arguments: list[str], line: str) -> None:
    root = make_app(tmp_path / "shop", APP)
    assert line in error(Host(tmp_path).eggd("--base", str(root), "i18n", *arguments))


def test_outside_of_an_app_it_says_so(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    text = error(Host(tmp_path).eggd("--base", str(folder), "i18n", "extract"))
    assert f"{folder} is not an app" in text
