"""The table of failed requests (`python -m tests.host.table`) has no failed request."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.host import table


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_no_request_fails(
    figure: Callable[[str], None], capsys: pytest.CaptureFixture[str]
) -> None:
    code = table.main([])
    printed = capsys.readouterr().out
    assert code == 0, printed
    figure("\n    ".join(printed.splitlines()))
