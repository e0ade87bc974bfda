"""What follows from an ending: Restart=always, unless somebody asked."""

import pytest

from eggd.supervisor.policy import Ending, again, priority
from eggd.supervisor.units import ServicePlan

PLAN = ServicePlan(unit="x.service", restart_sec=1.0)


@pytest.mark.parametrize(
    ("ending", "delay", "level", "how"),
    [
        (Ending(code=0, was_ready=True, asked=True), None, 6, "exited with 0"),
        (Ending(code=0, was_ready=True, asked=False), 1.0, 3, "exited with 0"),
        (Ending(code=1, was_ready=False, asked=False), 1.0, 3, "exited with 1"),
        (Ending(code=1, was_ready=True, asked=True), None, 3, "exited with 1"),
        (Ending(code=-9, was_ready=True, asked=False), 1.0, 3, "killed by SIGKILL"),
        (
            Ending(code=-6, was_ready=True, asked=False, cause="no sign of life"),
            1.0,
            3,
            "no sign of life, killed by SIGABRT",
        ),
        (Ending(code=-50, was_ready=True, asked=False), 1.0, 3, "killed by signal 50"),
    ],
)
def test_what_follows(ending: Ending, delay: float | None, level: int, how: str) -> None:
    """process:CL-71: one second after each death, and no limit to them."""
    assert (again(PLAN, ending), priority(ending), ending.how) == (delay, level, how)
