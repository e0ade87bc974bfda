"""Wrong jobs are one line with file and line, at the start and in `eggd check`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eggd.errors import EggError
from eggd.probe.check import check
from eggd.testing.make_app import make_app

JOB = """
class Clean:
    schedule = {{
        "type": "worker",
        {line}
    }}

    def __init__(self, ctx):
        pass

    def subscribe(self):
        pass
"""

OPTIONS = [
    ('"interval": -5', "interval must be a millisecond to 100 years, or text such as '5s', not -5"),
    ('"interval": 0', "interval must be a millisecond to 100 years, or text such as '5s', not 0"),
    ('"interval": 1e300', "interval must be a millisecond to 100 years, or text such as '5s'"),
    ('"interval": "5 eggs"', "interval must be a millisecond to 100 years, or text such"),
    ('"interval": float("nan")', "interval must be a millisecond to 100"),
    ('"interval": None', "interval must be a millisecond to 100 years"),
    ('"interval": 10**400', "interval must be a millisecond to 100 years"),
    ('"interval": 5, "timeout": "2y"', "timeout must be more than 0 seconds and at most '365d'"),
    ('"cron": "0 * * * *", "jitter": "8d"', "jitter must be 0 to 604800 seconds, or text up to"),
    ('"cron": "0 0 0 30 2 *"', "cron '0 0 0 30 2 *': can never fire"),
    ('"cron": ""', "cron '': has 0 fields"),
    ('"cron": 5', "cron must be text such as '0 30 2 * * *', not 5"),
    ('"intervall": 5', "intervall: unknown key (did you mean 'interval'?)"),
    ('"interval": 5, "immediate": "yes"', "immediate must be True or False, not 'yes'"),
    ('"interval": 5, "overlap": "wait"', 'overlap must be "allow", "skip" or "queue", not'),
    ('"interval": 5, "timeout": 0', "timeout must be more than 0 seconds"),
    ('"interval": 5, "jitter": 5', "jitter must be less than the interval"),
    ('"interval": 5, "env": 7', "env must be a list of environments, not 7"),
    ('"interval": 5, "cron_options": {"tz": "UTC"}', "cron_options has no effect without cron"),
    (
        '"cron": "0 0 * * *", "cron_options": {"tz": "Europe/Berln"}',
        "cron_options.tz: unknown time zone 'Europe/Berln' (did you mean 'Europe/Berlin'?)",
    ),
    (
        '"cron": "0 0 * * *", "cron_options": {"tzz": "UTC"}',
        "cron_options.tzz: unknown key (did you mean 'tz'?)",
    ),
    (
        '"cron": "0 0 * * *", "cron_options": {"end_date": "next week"}',
        "cron_options.end_date must be a date and time, not 'next week' (2026-12-31T18:00:00)",
    ),
]


def error_of(tmp_path: Path, source: str) -> str:
    """Returns the line of the error with which `eggd check` ends."""
    base_dir = make_app(tmp_path / "shop", {"app/schedule/clean.py": source})
    with pytest.raises(EggError) as caught:
        check(base_dir, "prod", os.environ)
    return caught.value.line


@pytest.mark.parametrize(("line", "text"), OPTIONS)
def test_a_wrong_option_is_a_line_with_its_place(tmp_path: Path, line: str, text: str) -> None:
    """A wrong value, an unknown key and a cron that never fires (process:SCH-5, SCH-6)."""
    error = error_of(tmp_path, JOB.format(line=line))
    assert error.startswith(f"{tmp_path}/shop/app/schedule/clean.py:4: schedule: {text}")
    assert "\n" not in error


IN_CLUSTER = [
    ('"at": "once"', 'at must be "most_once" or "least_once", not \'once\''),
    ('"takeover": 0.5', "takeover must be 1 to 86400 seconds, or text from '1s' to '1d', not"),
    ('"takeover": 10**11', "takeover must be 1 to 86400 seconds, or text from '1s' to '1d', not"),
    ('"immediate": True', "immediate is not possible in type cluster: hosts start at different"),
    ('"overlap": "queue"', 'overlap "queue" is not possible in type cluster (use "skip" or'),
    ('"interval": 1.5', "interval must be whole seconds in type cluster, not 1.5"),
    ('"att": 1', "att: unknown key (did you mean 'at'?)"),
]


@pytest.mark.parametrize(("option", "text"), IN_CLUSTER)
def test_a_wrong_option_of_type_cluster(tmp_path: Path, option: str, text: str) -> None:
    """Hosts must agree on the ticks; a claim has a time (known:KO-20)."""
    line = f'"interval": 5, {option}'
    source = JOB.format(line=line).replace('"worker"', '"cluster"')
    error = error_of(tmp_path, source)
    assert error.startswith(f"{tmp_path}/shop/app/schedule/clean.py:4: schedule: {text}")


def test_options_of_type_cluster_are_unknown_in_others(tmp_path: Path) -> None:
    error = error_of(tmp_path, JOB.format(line='"interval": 5, "takeover": 5'))
    assert "schedule: takeover: unknown key" in error


def test_type_cluster_needs_a_server(tmp_path: Path) -> None:
    source = JOB.format(line='"interval": 5').replace('"worker"', '"cluster"')
    assert "needs a server that the hosts share (set schedule = " in error_of(tmp_path, source)


@pytest.mark.parametrize(
    ("plugins", "text"),
    [
        ("", "schedule.cluster 'main': plugin redis is off (set redis = True in"),
        ("redis = True\n", "schedule.cluster: 'main': unknown client (did you mean 'mian'?)"),
    ],
)
@pytest.mark.parametrize("kind", ["cluster", "worker"])
def test_the_client_of_type_cluster_exists(
    tmp_path: Path, plugins: str, text: str, kind: str
) -> None:
    """`eggd check` finds it, too, and without such a job: a deploy relies on that."""
    config = "redis = {'clients': {'mian': {}}}\nschedule = {'cluster': 'main'}\n"
    source = JOB.format(line='"interval": 5').replace('"worker"', f'"{kind}"')
    files = {"app/schedule/clean.py": source, "config/config_default.py": config}
    base_dir = make_app(tmp_path / "shop", {**files, "config/plugin.py": plugins})
    with pytest.raises(EggError) as caught:
        check(base_dir, "prod", os.environ)
    assert caught.value.line.startswith(f"{tmp_path}/shop/config/config_default.py:2: {text}")


FORMS = [
    ("class Clean:\n    schedule = {}\n", ":2: class Clean has no method 'subscribe'"),
    (
        "from eggd import Service\nclass Clean(Service):\n    def subscribe(self): ...\n",
        ": the job",
    ),
    (
        "class Clean:\n    schedule = {'type': 'all', 'interval': 5}\n    def subscribe(self): ...",
        ":2: class Clean cannot be called: too many positional arguments (subclass Service",
    ),
    ("schedule = {'type': 'worker'}\n", ":1: the job has no 'task'"),
    ("schedule = {'type': 'all'}\ndef task(ctx): ...\n", ":1: schedule: has no interval, cron"),
    ("schedule = {'interval': 5}\ndef task(ctx): ...\n", ":1: schedule: type must be text"),
    ("schedule = [5]\ndef task(ctx): ...\n", ":1: schedule: schedule must be a dict, not [5]"),
    ("schedule = {}\ndef task(): ...\n", ":1: task cannot be called: too many"),
    (
        "schedule = {'interval': 5, 'type': 'all'}\ndef task(ctx, a): ...\n",
        ":1: task cannot be called: missing a required argument: 'a'",
    ),
    ("schedule = {}\ndef task(ctx): yield\n", ":1: task must not be a generator"),
    ("schedule = {}\ntask = 5\n", ":1: task must be a function, not 5"),
    ("", ": has no job"),
    ("def clean(app): return {'task': print}\n", ": the job has no 'schedule'"),
]


@pytest.mark.parametrize(("source", "text"), FORMS)
def test_a_file_without_a_job_is_an_error(tmp_path: Path, source: str, text: str) -> None:
    """Missing parts and generators end the start (process:SCH-3)."""
    error = error_of(tmp_path, source)
    assert error.startswith(f"{tmp_path}/shop/app/schedule/clean.py{text}")


USE = """
    from eggd import Boot

    class AgentBoot(Boot):
        def did_load(self):
            self.app.schedule.use("%s", 5)
"""


@pytest.mark.parametrize(
    ("kind", "agent", "text"),
    [
        ("wroker", "", "did you mean 'worker'?"),
        ("alll", USE % "channel", "did you mean 'all'?"),
        ("channel", "", "known: worker, all, cluster"),
        ("channel", USE % "other", "warning"),
        ("channel", USE % "channel", "known"),
        ("workers", USE % "workers", "known"),
    ],
)
def test_a_type_that_no_strategy_has(tmp_path: Path, kind: str, agent: str, text: str) -> None:
    """`eggd check` does not run `did_load`, but reads `agent.py` (process:SCH-6)."""
    source = f"schedule = {{'type': '{kind}', 'interval': 5}}\ndef task(ctx): ...\n"
    files = {"app/schedule/clean.py": source, **({"agent.py": agent} if agent else {})}
    base_dir = make_app(tmp_path / "shop", files)
    problem = f"{base_dir}/app/schedule/clean.py:1: schedule type {kind!r} is not defined"
    if text in ("known", "warning"):
        warnings = [line for line in check(base_dir, "prod", os.environ).warnings if kind in line]
        expected = (
            [f"{problem} in agent.py (known: worker, all, cluster)"] if text == "warning" else []
        )
        assert warnings == expected
        return
    with pytest.raises(EggError) as caught:
        check(base_dir, "prod", os.environ)
    assert caught.value.line == f"{problem} ({text})"


def test_every_second_of_an_hour_is_a_warning(tmp_path: Path) -> None:
    """`* * 10 * * *` for "at ten" runs 3600 times (known:KO-7)."""
    source = "schedule = {'type': 'all', 'cron': '* * 10 * * *'}\ndef task(ctx): ...\n"
    base_dir = make_app(tmp_path / "shop", {"app/schedule/clean.py": source})
    line = next(line for line in check(base_dir, "prod", os.environ).warnings if "cron" in line)
    place = f"{base_dir}/app/schedule/clean.py:1"
    assert line == f"{place}: cron '* * 10 * * *' runs every second of its hours (write 0 0 H)"


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ("'cron': '*/90 * * * *'", "cron '*/90 * * * *': a step of 90 selects one minute only"),
        ("'cron': '0 0 */24 * * *'", "a step of 24 selects one hour only"),
        ("'cron': '0 0 * * *', 'interval': 60", "cron has no effect: interval wins"),
        (
            "'cron': '0 0 * * *', 'cron_options': {'end_date': '2020-01-01'}",
            "the job never runs again: its end_date is past",
        ),
    ],
)
def test_times_that_are_probably_wrong_are_a_warning(
    tmp_path: Path, options: str, text: str
) -> None:
    source = f"schedule = {{'type': 'all', {options}}}\ndef task(ctx): ...\n"
    base_dir = make_app(tmp_path / "shop", {"app/schedule/clean.py": source})
    (line,) = [line for line in check(base_dir, "prod", os.environ).warnings if "clean.py" in line]
    assert line.startswith(f"{base_dir}/app/schedule/clean.py:1: ")
    assert text in line


def test_a_folder_of_the_config_must_exist(tmp_path: Path) -> None:
    files = {"config/config_default.py": "schedule = {'directory': ['jobs']}\n"}
    with pytest.raises(EggError, match=r"schedule\.directory: 'jobs' is not a folder"):
        check(make_app(tmp_path / "shop", files), "prod", os.environ)
