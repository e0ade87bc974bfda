"""Cookies and npm's packages: Egg 3 (egg-cookies), Egg 4 (@eggjs/cookies), koa (cookies, keygrip).

Each reads what eggd writes, and eggd what they write. `conftest.py` installs the packages once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from eggd.wire.cookie_support import accepts_partitioned, accepts_same_site_none
from eggd.wire.keygrip import Keygrip
from tests.app.cookie_site import CHROME, TLS, Site, lines, site
from tests.wire.test_cookie import AGENTS

__all__ = ["site"]

Node = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
EGGS = ["egg-cookies", "@eggjs/cookies"]
CAMEL = re.compile(r"_([a-z])")
DATE = re.compile(r"(max-age=\d+; expires=)[^;]+")

SETS: list[tuple[str, str | None, dict[str, Any]]] = [
    ("foo", "bar", {}),
    ("foo", "bar baz,{}%20", {"signed": False}),
    ("foo", 'a"b"=c=', {}),
    ("foo", "bar 中文", {"encrypt": True}),
    ("foo", "x" * 40, {"encrypt": True, "http_only": False}),
    ("a[b](c)*", "1", {}),
    ("foo", "bar", {"path": None, "domain": ".eggjs.org"}),
    ("foo", "bar", {"path": "/a/b", "max_age": 86400, "priority": "high", "same_site": "lax"}),
    ("foo", "bar", {"max_age": 1.5, "same_site": "strict"}),
    ("foo", "bar", {"max_age": "session"}),
    ("foo", None, {}),
    ("foo", "", {"encrypt": True, "domain": "eggjs.org", "max_age": 5}),
    ("foo", "bar", {"same_site": "none"}),
    ("foo", "bar", {"same_site": "none", "secure": False}),
    ("foo", "bar", {"same_site": "none", "partitioned": True}),
    ("foo", "bar", {"same_site": "none", "partitioned": True, "remove_unpartitioned": True}),
]


def of_egg(options: dict[str, Any]) -> dict[str, Any]:
    """Returns options as Egg has them: camelCase, and milliseconds."""
    named = {CAMEL.sub(lambda m: m[1].upper(), key): value for key, value in options.items()}
    if isinstance(named.get("maxAge"), int | float):
        named["maxAge"] *= 1000
    return named


def undated(sent: list[str]) -> list[str]:
    """Returns Set-Cookie lines without the dates that depend on the time of the call."""
    return [DATE.sub(r"\1DATE", line) for line in sent]


@pytest.mark.parametrize("package", EGGS)
@pytest.mark.parametrize("config", ["", TLS])
def test_the_same_lines(node: Node, site: Site, package: str, config: str) -> None:
    """Every line of Set-Cookie is that of Egg, byte for byte (core:CK-1, CK-2, CK-4, CK-8)."""
    cases = [
        (agent, *case)
        for agent in ("", CHROME.format(79), CHROME.format(117), CHROME.format(118))
        for case in SETS
    ]
    asked = [
        {
            "by": package,
            "keys": ["key1", "old"],
            "secure": bool(config),
            "agent": agent,
            "calls": [["set", name, value, of_egg(options)]],
        }
        for agent, name, value, options in cases
    ]
    for case, egg in zip(cases, node(asked), strict=True):
        agent, name, value, options = case
        ctx = site.ctx(config, agent=agent, keys="key1,old")
        ctx.cookies.set(name, value, **options)
        assert undated(lines(ctx)) == undated(egg["lines"]), case


@pytest.mark.parametrize("package", EGGS)
@pytest.mark.parametrize("more", [{}, {"signed": False}, {"encrypt": True}])
def test_both_ways(node: Node, site: Site, package: str, more: dict[str, Any]) -> None:
    """Each reads the other's cookies, written with the older of two keys, too (core:CK-6, CK-9)."""
    values = ["1", "a b", "bar=baz==", "x" * 4000, '{"a":1}']
    egg = {"by": package, "keys": ["old"]}
    written = node([{**egg, "calls": [["set", "a", value, more]]} for value in values])
    asked = []
    for value, sent in zip(values, written, strict=True):
        cookie = "; ".join(line.partition(";")[0] for line in sent["lines"])
        ctx = site.ctx(cookie=cookie, keys="new,old")
        assert ctx.cookies.get("a", **more) == value
        renewed = [line.partition("=")[0] for line in lines(ctx)]
        assert renewed == ([] if more else ["a.sig"])
        own = site.ctx(keys="old")
        own.cookies.set("a", value, **more)
        cookie = "; ".join(line.partition(";")[0] for line in lines(own))
        calls = [["get", "a", more], ["get", "b", more]]
        asked.append({"by": package, "keys": ["new", "old"], "cookie": cookie, "calls": calls})
    answers = node(asked)
    assert [answer["values"] for answer in answers] == [[value, None] for value in values]


@pytest.mark.parametrize("package", EGGS)
def test_damaged_cookies(node: Node, site: Site, package: str) -> None:
    """Damaged cookies have the same values and answers in Egg and eggd (core:CK-6, CK-7)."""
    sig = Keygrip(["old"]).sign("a=1")
    fields = ["a=1", "a=1; a.sig=", "a=1; a.sig=x", f"a=2; a.sig={sig}", f"a=1; a.sig={sig}x",
              f"a=1; a=2; a.sig={sig}", f"a=2; a=1; a.sig={sig}", f'a="1"; a.sig={sig}',
              f" a=1;a.sig={sig}", f"b=a=1; a.sig={sig}", f"a =1; a.sig={sig}", ""]  # fmt: skip
    calls = [["get", "a", {}]]
    asked = [{"by": package, "keys": ["new", "old"], "cookie": c, "calls": calls} for c in fields]
    for field, egg in zip(fields, node(asked), strict=True):
        ctx = site.ctx(cookie=field, keys="new,old")
        assert (ctx.cookies.get("a"), lines(ctx)) == (egg["values"][0], egg["lines"]), field


def test_auto_chips(node: Node, site: Site) -> None:
    """The partitioned copies are those of Egg 4 (core:CK-14, process:CKE-10)."""
    case = {
        "by": "@eggjs/cookies",
        "keys": ["key1"],
        "secure": True,
        "defaults": {"autoChips": True, "sameSite": "none"},
        "calls": [["set", "a", "1", {}]],
    }
    [egg] = node([case])
    ctx = site.ctx(TLS + 'cookies = {"auto_chips": True, "same_site": "none"}', keys="key1")
    ctx.cookies.set("a", "1")
    assert lines(ctx) == egg["lines"]


def test_what_browsers_understand(node: Node) -> None:
    """The table of browsers is that of Egg 4 (core:CK-14)."""
    agents = [agent for agent, _, _ in AGENTS]
    calls = [["set", "a", "1", {"sameSite": "none", "partitioned": True, "signed": False}]]
    asked = [
        {"by": "@eggjs/cookies", "keys": [], "secure": True, "agent": agent, "calls": calls}
        for agent in agents
    ]
    for agent, egg in zip(agents, node(asked), strict=True):
        [line] = egg["lines"]
        same_site = accepts_same_site_none(agent)
        assert ("samesite" in line) is same_site, agent
        assert ("partitioned" in line) is (same_site and accepts_partitioned(agent)), agent


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_keygrip(node: Node, algorithm: Any) -> None:
    """Signatures and their keys are those of npm's keygrip, with both of its hashes."""
    keys = ["new", "old", "schlüssel"]
    texts = ["a=1", "", "a=" + "x" * 5000, "ä=中文"]
    own = [Keygrip([key], algorithm).sign(text) for key in keys for text in texts]
    asked = [
        {"by": "keygrip", "keys": keys, "algorithm": algorithm, "data": text, "signature": sign}
        for (_, text), sign in zip(((k, t) for k in keys for t in texts), own, strict=True)
    ]
    answers = node(asked)
    assert [answer["index"] for answer in answers] == [n for n in range(3) for _ in texts]
    ring = Keygrip(keys, algorithm)
    assert [answer["signature"] for answer in answers[:4]] == [ring.sign(text) for text in texts]
    assert [ring.verify(case["data"], case["signature"]) for case in asked] == [
        n for n in range(3) for _ in texts
    ]


def test_koa(node: Node, site: Site) -> None:
    """Cookies of koa with SHA-256 are read as signed ones, and koa reads eggd's."""
    base = {"by": "cookies", "keys": ["foo"], "algorithm": "sha256"}
    ctx = site.ctx()
    ctx.cookies.set("a", "1")
    own = "; ".join(line.partition(";")[0] for line in lines(ctx))
    [sent, read] = node([
        {**base, "name": "a", "value": "1", "cookie": ""},
        {**base, "name": "a", "cookie": own},
    ])  # fmt: skip
    assert lines(ctx) == sent["lines"]
    assert read["values"] == ["1"]
