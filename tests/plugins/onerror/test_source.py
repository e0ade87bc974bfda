"""Source lines and log lines of a report: read once, and masked before they are cut."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from eggd.plugins.onerror.recording import LONGEST, MOST, Lines
from eggd.plugins.onerror.report import frames
from eggd.plugins.onerror.report.coloring import Color, colors_of
from eggd.plugins.onerror.report.frames import MOST as FRAMES
from eggd.plugins.onerror.report.frames import Frames
from eggd.plugins.onerror.report.source import around


def test_a_file_of_a_deep_recursion_is_colored_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "deep.py"
    file.write_text("def deep(number):\n    return deep(number - 1) if number else 1 / 0\n")
    colored = []

    def counted(file: str, lines: Sequence[str]) -> Mapping[int, Sequence[Color]]:
        colored.append(file)
        return colors_of(file, lines)

    monkeypatch.setattr(frames, "colors_of", counted)
    names: dict[str, object] = {}
    with pytest.raises(ZeroDivisionError) as caught:
        exec(compile(f"{file.read_text()}deep(100)", str(file), "exec"), names)
    calls, omitted = Frames([tmp_path], None, "", {}).of(caught.value.__traceback__)
    assert (len(calls), omitted > 0, colored.count(str(file))) == (FRAMES, True, 1)
    assert calls[-1].source[1].colors


@pytest.mark.parametrize("blanks", range(360, 402, 6))
def test_a_secret_at_the_end_of_a_long_line_is_masked(tmp_path: Path, blanks: int) -> None:
    """The head of a secret is one, too."""
    file = tmp_path / "long.py"
    file.write_text(f"{' ' * blanks}password = 'hunter2hunter2hunter2'\n")
    [line] = around(str(file), 1, 0, 0)
    assert "hunter" not in line.text
    assert len(line.text) <= 400


def test_the_lines_about_an_error_displace_no_line_of_the_request() -> None:
    lines = Lines(0)
    for number in range(MOST):
        lines.add(11, f"{number}")
    lines.is_paused = True
    lines.add(14, "the error itself")
    lines.is_paused = False
    assert [line.text for line in lines.lines] == [f"{number}" for number in range(MOST)]
    assert lines.dropped == 0


def test_more_of_a_line_is_kept_than_shown() -> None:
    """So that a secret at its end is masked as a whole."""
    lines = Lines(0)
    lines.add(11, "x" * 5 * LONGEST)
    assert len(lines.lines[0].text) == 2 * LONGEST
