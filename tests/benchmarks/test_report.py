"""The report of the comparison: medians, ratios, tables, and the verdict."""

from __future__ import annotations

import json

from benchmarks.measure import Cell, Figures, Plan, Rows, Run, median
from benchmarks.peers import Peer
from benchmarks.promise import broken, have_cpus, memory, ratios, unchecked
from benchmarks.report import as_json, limits, speed, suite, tables
from benchmarks.route import ROUTES


def figures(per_second: float, cpu: float, pss: float = 50.0) -> Figures:
    return Figures(
        requests_per_second=per_second,
        cpu_us_per_request=cpu,
        p50_ms=0.5,
        p99_ms=1.0,
        pss_mib=pss,
        processes=2,
        busiest=17,
        least=15,
        first_answer_s=0.2,
    )


def cell(name: str, workers: int, route: str = "hello") -> Cell:
    return Cell(route, Peer(name, workers))


ROWS: Rows = {
    cell("floor", 1): [figures(100_000, 5)],
    cell("eggd", 1): [figures(50_000, 12), figures(60_000, 10), figures(10, 500)],
    cell("egg", 1): [figures(20_000, 40, pss=200)],
}


def test_ratios_are_those_of_medians_with_as_many_workers() -> None:
    assert median(ROWS[cell("eggd", 1)]).requests_per_second == 50_000
    assert ratios(cell("eggd", 1), ROWS) == (2.5, 0.3)
    assert memory(cell("eggd", 1), ROWS) == 0.25
    assert ratios(cell("eggd", 4), {cell("eggd", 4): [figures(1, 1)]}) is None
    assert broken(ROWS, 2) == []


def test_a_table_has_a_line_for_each_peer() -> None:
    lines = speed(ROUTES[0], ROWS).splitlines()
    assert lines[0] == "GET /hello: 10 bytes of text"
    assert lines[5].split() == [
        *("eggd", "1", "50,000", "(10", "..", "60,000)", "2.50", "12.0", "0.30"),
        *("0.50", "1.0", "17/15"),
    ]
    assert suite("hello", ROWS).splitlines()[6].split() == ["egg", "1", "200", "1.00", "2", "0.20"]


def test_all_figures_are_there_for_programs() -> None:
    made = Run(
        Plan(3, 4.0, 1.0),
        ROUTES[:1],
        print,
        {},
        {k: [*v] for k, v in ROWS.items()},
        ["koa: not installed: no"],
    )
    told = json.loads(as_json(made, {"egg": "4"}, 2))
    assert told["failures"] == ["koa: not installed: no"]
    assert told["cells"][1]["vs_egg"] == [2.5, 0.3]
    assert len(told["cells"][1]["repetitions"]) == 3
    assert tables(made).count("first answer s") == 1


def test_a_broken_promise_is_one_line_each() -> None:
    rows = {
        cell("eggd", 4): [figures(30_000, 25, pss=90)],
        cell("eggd+orjson", 4): [figures(50_000, 15, pss=80)],
        cell("egg", 4): [figures(20_000, 40, pss=200)],
        cell("koa", 4): [figures(40_000, 30)],
    }
    assert broken(rows, 2) == [
        "hello: eggd, 4 workers: 1.50 times egg's requests/s, promised 2",
        "hello: eggd, 4 workers: 0.62 of egg's CPU per request, promised 0.50",
        "hello: eggd, 4 workers: 0.75 times koa's requests/s, promised more than 1",
        "eggd, 4 workers: 0.45 of egg's memory, promised 0.4",
        "hello: eggd+orjson, 4 workers: 2.50 times egg's requests/s, promised 2.7",
        "hello: eggd+orjson, 4 workers: 0.38 of egg's CPU per request, promised 0.37",
    ]


def test_all_default_plugins_have_promises_of_their_own() -> None:
    rows = {
        cell("eggd-full", 1): [figures(30_000, 10)],
        cell("eggd", 1): [figures(40_000, 9)],
        cell("egg", 1): [figures(8_000, 40)],
        cell("koa-full", 1): [figures(30_000, 30)],
    }
    assert broken(rows, 2) == [
        "hello: eggd-full, 1 worker: 3.75 times egg's requests/s, promised over 4",
        "hello: eggd-full, 1 worker: 0.75 times eggd's requests/s, promised over 0.8",
        "hello: eggd-full, 1 worker: 1.00 times koa-full's requests/s, promised over 1",
    ]


def test_requests_are_compared_where_each_worker_and_wrk_have_a_cpu() -> None:
    assert have_cpus(1, 2)
    assert not have_cpus(2, 2)
    rows = {
        cell("eggd-full", 4): [figures(30_000, 20, pss=90)],
        cell("egg", 4): [figures(10_000, 40, pss=200)],
    }
    others = [
        "hello: eggd-full, 4 workers: 0.50 of egg's CPU per request, promised 0.333",
        "eggd-full, 4 workers: 0.45 of egg's memory, promised 0.4",
    ]
    rate = "hello: eggd-full, 4 workers: 3.00 times egg's requests/s, promised over 4"
    assert broken(rows, 5) == [rate, *others]
    assert unchecked(rows, 5) == []
    assert broken(rows, 4) == others
    assert unchecked(rows, 4) == [f"{rate} with 5 CPUs"]
    assert limits(rows, 4).splitlines()[2:] == [f"{rate} with 5 CPUs"]
    assert limits(rows, 5).endswith("(benchmarks/promise.py).")


def test_memory_is_promised_of_the_small_page_only() -> None:
    rows = {
        cell("eggd", 4, "echo"): [figures(50_000, 15, pss=190)],
        cell("egg", 4, "echo"): [figures(20_000, 40, pss=200)],
    }
    assert broken(rows, 2) == []


def test_a_rival_is_compared_on_its_route_only() -> None:
    rows = {
        cell("eggd+orjson", 4, "users"): [figures(30_000, 40)],
        cell("granian", 4, "users"): [figures(30_000, 50)],
        cell("fastify", 4, "users"): [figures(40_000, 25)],
        cell("eggd+orjson", 4, "json"): [figures(30_000, 40)],
        cell("granian", 4, "json"): [figures(40_000, 30)],
    }
    assert broken(rows, 2) == [
        "users: eggd+orjson, 4 workers: 1.00 times granian's requests/s, promised over 1",
        "users: eggd+orjson, 4 workers: 1.60 of fastify's CPU per request, promised 1.15",
    ]
