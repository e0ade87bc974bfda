from pathlib import Path

import pytest

from tests.cli.host import Host, error, worker


def enabled(host: Host) -> list[str]:
    return [name for name, unit in sorted(host.read()["units"].items()) if unit.get("enabled")]


@pytest.mark.parametrize(("before", "number"), [(1, 4), (3, 3), (4, 1)])
def test_so_many_workers_are_enabled_and_run(tmp_path: Path, before: int, number: int) -> None:
    host = Host(tmp_path, before)
    host.up()
    done = host.eggd("scale", str(number))
    assert done.returncode == 0, done.stderr
    assert enabled(host) == [worker(slot) for slot in range(1, number + 1)]
    assert [name for name in host.active if "worker" in name] == enabled(host)


def test_the_others_stop_after_the_new_ones_are_ready(tmp_path: Path) -> None:
    host = Host(tmp_path, 0)
    host.set(worker(5), enabled=True, active="active")
    assert host.eggd("scale", "2").stdout == "scaled: by systemd, 2 workers enabled and running\n"
    assert host.fewest_ready() == 1
    assert enabled(host) == [worker(1), worker(2)]


def test_a_worker_that_was_only_started_counts_in_or_goes(tmp_path: Path) -> None:
    host = Host(tmp_path, 1)
    host.up()
    for slot in (2, 7):
        host.set(worker(slot), active="active")
    assert host.eggd("scale", "2").returncode == 0
    assert enabled(host) == [worker(1), worker(2)]
    assert host.unit(worker(7))["active"] == "inactive"


def test_a_worker_that_cannot_start_changes_nothing(tmp_path: Path) -> None:
    host = Host(tmp_path, 1)
    host.up()
    host.set(worker(2), fails="no memory")
    done = host.eggd("scale", "3")
    assert error(done) == "error: egg-worker@2: no memory (nothing was changed)"
    assert (done.returncode, enabled(host)) == (1, [worker(1)])
    assert [name for name in host.active if "worker" in name] == [worker(1)]


@pytest.mark.parametrize("number", ["0", "-1", "1000", "four"])
def test_a_number_that_makes_no_sense_is_a_usage_error(tmp_path: Path, number: str) -> None:
    host = Host(tmp_path, 1)
    done = host.eggd("scale", "--", number)
    assert (done.returncode, host.calls("disable", "stop")) == (2, [])
    assert done.stderr.startswith("error: invalid value for 'N': ")
