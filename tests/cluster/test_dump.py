"""Each process of a suite dumps what it loaded, once it is ready."""

from __future__ import annotations

import json

from tests.cluster.conftest import Start

FILES = [
    *("application_config.json", "application_config_meta.json", "router.json"),
    *("agent_config.json", "agent_config_meta.json"),
]


def test_a_suite_dumps_after_ready(start: Start) -> None:
    # core:DUMP-1, process:CL-31
    suite = start(workers=2)
    suite.wait(lambda: all((suite.rundir / name).exists() for name in FILES), "the dumps")
    dumps = {name: json.loads((suite.rundir / name).read_text()) for name in FILES}
    assert dumps["application_config.json"]["config"]["rundir"] == str(suite.rundir)
    assert dumps["agent_config.json"]["appInfo"]["name"] == "shop"
    assert {(suite.rundir / name).stat().st_mode & 0o777 for name in FILES} == {0o640}
