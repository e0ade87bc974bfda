"""The time limit of a stop, by the operator's variables (process:CL-82)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from eggd.app.single import start
from eggd.errors import VariableError
from eggd.suite.close_timeout import close_limit, drain_limit
from eggd.testing.make_app import make_app

APP, AGENT, BOTH = "EGG_APP_CLOSE_TIMEOUT", "EGG_AGENT_CLOSE_TIMEOUT", "EGG_MASTER_CLOSE_TIMEOUT"


@pytest.mark.parametrize(
    ("environ", "application", "agent"),
    [
        ({}, None, None),
        ({BOTH: "5000"}, 5.0, 5.0),
        ({APP: "1500", BOTH: "5000"}, 1.5, 5.0),
        ({AGENT: "2s"}, None, 2.0),
        ({APP: " ", BOTH: "90000"}, 90.0, 90.0),
    ],
)
def test_each_role_has_a_variable_and_both_have_one(
    environ: dict[str, str], application: float | None, agent: float | None
) -> None:
    # process:CL-82
    assert close_limit("application", environ) == application
    assert close_limit("agent", environ) == agent


@pytest.mark.parametrize("text", ["soon", "-1", "0", "1.5", "5 apples", "\u0661"])
def test_an_invalid_duration_is_rejected(text: str) -> None:
    with pytest.raises(
        VariableError, match=f"^{APP} must be milliseconds such as 5000, or '5s', not"
    ):
        close_limit("application", {APP: text})


@pytest.mark.parametrize(
    ("drain", "hooks", "limit", "left"),
    [(20, 5, 38, 20), (20, 5, 10, 5), (20, 5, 4, 2), (1, 5, 38, 1), (60, 5, 90, 60)],
)
def test_hooks_keep_their_share(drain: float, hooks: float, limit: float, left: float) -> None:
    assert drain_limit(drain, hooks, limit) == left


HANGING = """
    import asyncio
    from eggd import Boot

    class {role}Boot(Boot):
        async def before_close(self):
            await asyncio.Event().wait()
"""


def test_a_single_process_is_closed_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """A hook that hangs has `close_timeout`, or less if a variable is set (process:CL-82)."""
    monkeypatch.setenv(BOTH, "20")
    files = {"app.py": HANGING.format(role="App"), "agent.py": HANGING.format(role="Agent")}
    config = {"config/config_default.py": "close_timeout = '1h'\n"}

    async def main() -> None:
        app = await start(make_app(tmp_path / "shop", {**files, **config}), env="unittest")
        await app.close()

    asyncio.run(main())
    assert "not closed after 0.02 s, giving up" in capfd.readouterr().err


def test_a_bad_value_ends_a_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(APP, "never")
    with pytest.raises(VariableError, match=f"^{APP} must be"):
        asyncio.run(start(make_app(tmp_path / "shop", {}), env="unittest"))
