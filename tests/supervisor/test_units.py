"""The unit files as plans, and what becomes of a directive: obeyed, not applied, refused."""

import math
from pathlib import Path

import pytest

from eggd.errors import FileError, UnitError
from eggd.supervisor import units
from eggd.supervisor.directives import FIXED, NOT_APPLIED, OBEYED
from eggd.supervisor.units import UNITS, Places

PLACES = Places(run=Path("/srv/shop/run"), logs=Path("/srv/shop/logs"), python="/opt/python")


def test_the_plan_of_a_worker() -> None:
    plan = units.service(UNITS, "egg-worker@7.service", PLACES)
    assert plan.argv == ("/opt/python", "-P", "-m", "eggd.process.worker", "7")
    assert (plan.identifier, plan.sockets) == ("egg-worker@7", ("egg.socket",))
    assert plan.environ == {"EGG_SERVER_ENV": "prod", "LOGS_DIRECTORY": "/srv/shop/logs"}
    assert (plan.restart_sec, plan.watchdog, plan.stop_timeout) == (1.0, 10.0, 40.0)
    assert (plan.start_timeout, plan.umask, plan.files) == (math.inf, 0o027, 65536)
    assert plan.non_blocking


def test_the_plan_of_the_agent() -> None:
    plan = units.service(UNITS, "egg-agent.service", PLACES)
    assert plan.argv == ("/opt/python", "-P", "-m", "eggd.process.agent")
    assert (plan.start_timeout, plan.sockets) == (5.0, ("egg-agent.socket",))


def test_the_plans_of_the_sockets() -> None:
    listener = units.socket(UNITS, "egg.socket", PLACES)
    assert (listener.listen, listener.name, listener.backlog) == ("7001", "http", 4096)
    assert (listener.datagram, listener.no_delay) == (False, True)
    inbox = units.socket(UNITS, "egg-agent.socket", PLACES)
    assert (inbox.listen, inbox.name, inbox.mode) == ("/srv/shop/run/agent.sock", "agent", 0o660)
    assert (inbox.datagram, inbox.pass_credentials) == (True, True)


def test_no_directive_is_in_two_lists() -> None:
    for section, keys in OBEYED.items():
        assert not keys & set(NOT_APPLIED.get(section, {}))
    assert set(FIXED) <= {key for keys in OBEYED.values() for key in keys}


SERVICE = "[Service]\nType=notify\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (SERVICE + "Restart=no\n", "x.service:3: [Service] Restart=: the supervisor can only do"),
        (SERVICE + "Nice=5\n", "x.service:3: [Service] Nice=: the supervisor does not know this"),
        ("[Service]\nType=forking\n", "x.service:2: [Service] Type=: the supervisor can only do"),
        (SERVICE + "RestartSec=soon\n", "x.service:3: [Service] RestartSec= must be a time span"),
        (SERVICE + "UMask=rw\n", "x.service:3: [Service] UMask= must be a file mode"),
        ("nonsense\n", "x.service:1: 'nonsense' is not an assignment"),
        ("[Timer]\nOnCalendar=daily\n", "x.service:2: [Timer] OnCalendar=: the supervisor does"),
        ("[Unit]\nStartLimitIntervalSec=5\n", "can only do StartLimitIntervalSec=0, not '5'"),
    ],
)
def test_an_unsupported_directive_is_refused_with_file_and_line(
    tmp_path: Path, text: str, problem: str
) -> None:
    (tmp_path / "x.service").write_text(text)
    with pytest.raises(UnitError) as caught:
        units.service(tmp_path, "x.service", PLACES)
    assert problem in caught.value.line
    assert caught.value.line.startswith(str(tmp_path))


def test_a_missing_unit_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"egg-worker@\.service: cannot be read"):
        units.service(tmp_path, "egg-worker@1.service", PLACES)
