"""The client as trusted proxies report it: tables over raw sockets (known:KW-45, KW-46, KW-47)."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter

import pytest

from eggd.app.application import Application
from eggd.app.context.anonymous import AnonymousRequest
from eggd.app.loading.proxy_rules import exposure
from tests.app.loading import loaded
from tests.app.serving import served

DEFAULT = "config/config_default.py"
SHOW = """
def show(ctx):
    ctx.body = [ctx.ip, ctx.ips, ctx.protocol, ctx.host]

def router(app):
    app.get("/", show)
"""
CONFIG = """
proxy = True
trusted_proxies = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"]
host_headers = "x-forwarded-host"
http = {"head_limit": "256kb"}
"""
RFC_7239 = """
proxy = True
trusted_proxies = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"]
host_headers = protocol_headers = ip_headers = "Forwarded"
http = {"head_limit": "256kb"}
"""
NOT_TRUSTED = """
proxy = True
trusted_proxies = ["10.0.0.0/8"]
host_headers = "x-forwarded-host"
"""
Ask = Callable[..., list[object]]


def asker(port: int) -> Ask:
    """Returns a function that sends fields and returns what the app saw, or the status."""

    def ask(*fields: str, host: str = "shop.com", target: str = "/") -> list[object]:
        lines = "".join(f"{field}\r\n" for field in fields)
        head = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{lines}\r\n"
        with socket.create_connection(("127.0.0.1", port), 10) as sock:
            sock.sendall(head.encode("latin-1"))
            answer = b"".join(iter(lambda: sock.recv(65536), b""))
        status, body = int(answer[9:12]), answer.partition(b"\r\n\r\n")[2]
        return list(json.loads(body)) if status == 200 else [status]

    return ask


def running(tmp_path_factory: pytest.TempPathFactory, config: str) -> Iterator[Ask]:
    root = tmp_path_factory.mktemp("proxies")
    with served(root, {DEFAULT: config, "app/router.py": SHOW}) as client:
        yield asker(client.port)


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    yield from running(tmp_path_factory, CONFIG)


@pytest.fixture(scope="module")
def forwarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    yield from running(tmp_path_factory, RFC_7239)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    yield from running(tmp_path_factory, NOT_TRUSTED)


@pytest.mark.parametrize(
    ("value", "ips"),
    [
        ("192.0.2.1", ["192.0.2.1"]),
        ("192.0.2.1:1024", ["192.0.2.1"]),
        ("[2001:DB8::1]:8080", ["2001:db8::1"]),
        ("::ffff:192.0.2.1", ["192.0.2.1"]),
        # The walk ends with the first address that is not trusted: a client writes the rest.
        ("6.6.6.6, 192.0.2.1", ["192.0.2.1"]),
        ("6.6.6.6, 192.0.2.1, 10.0.0.2", ["192.0.2.1", "10.0.0.2"]),
        ("6.6.6.6, 192.0.2.1, fd00::1, ::ffff:10.0.0.2", ["192.0.2.1", "fd00::1", "10.0.0.2"]),
        ("10.0.0.3, 10.0.0.2", ["10.0.0.3", "10.0.0.2"]),
        ("127.0.0.1, 192.0.2.1", ["192.0.2.1"]),
        # Text that is not an address ends the walk, too.
        ("6.6.6.6, unknown, 10.0.0.2", ["10.0.0.2"]),
        ("6.6.6.6, _hidden", []),
        ("6.6.6.6, 192.0.2.1 10.0.0.2", []),
        ("6.6.6.6, 10.0.0.2:x", []),
        ("<script>, 10.0.0.2", ["10.0.0.2"]),
        ("fe80::1%eth0, 10.0.0.2", ["10.0.0.2"]),
        ("unknown", []),
        ("", []),
        (" , ,", []),
        ("192.0.2.1,, ,10.0.0.2,", ["192.0.2.1", "10.0.0.2"]),
        # A client's commas hide it at most from itself.
        ("6.6.6.6" + "," * 100_000, []),
        ("6.6.6.6, " * 10_000 + "192.0.2.1", ["192.0.2.1"]),
        ("10.0.0.9, " * 10_000 + "10.0.0.2", ["10.0.0.9"] * 63 + ["10.0.0.2"]),
    ],
)
def test_the_chain_of_x_forwarded_for(ask: Ask, value: str, ips: list[str]) -> None:
    # core:REQ-8, REQ-9
    expected = ips[0] if ips else "127.0.0.1"
    assert ask(f"X-Forwarded-For: {value}")[:2] == [expected, ips]


def test_several_lines_are_one_list(ask: Ask) -> None:
    """HAProxy adds a line of its own; the client's lines stand before it."""
    fields = ("X-Forwarded-For: 6.6.6.6", "x-forwarded-for: 192.0.2.1", "X-FORWARDED-FOR: 10.0.0.2")
    assert ask(*fields)[:2] == ["192.0.2.1", ["192.0.2.1", "10.0.0.2"]]


@pytest.mark.parametrize(
    ("chain", "value", "protocol"),
    [
        ("192.0.2.1", "https", "https"),
        ("192.0.2.1", "HTTPS", "https"),
        ("192.0.2.1", "evil", "http"),
        ("192.0.2.1", "https://", "http"),
        ("192.0.2.1", "javascript", "http"),
        ("192.0.2.1", "", "http"),
        ("192.0.2.1", ",https", "https"),
        # One proxy appends: the client's item does not count.
        ("192.0.2.1", "https, http", "http"),
        ("6.6.6.6, 192.0.2.1", "https, http", "http"),
        # Two proxies append: that of the outer one counts.
        ("192.0.2.1, 10.0.0.2", "https, http", "https"),
        ("192.0.2.1, 10.0.0.2", "evil, http, https", "http"),
        # The outer one sets it, and the inner one passes it on.
        ("192.0.2.1, 10.0.0.2", "https", "https"),
        ("unknown", "https, http", "http"),
        ("192.0.2.1", "," * 100_000 + "https", "https"),
        ("192.0.2.1", "https" + "," * 100_000, "http"),
    ],
)
def test_the_protocol(ask: Ask, chain: str, value: str, protocol: str) -> None:
    # core:REQ-7
    assert ask(f"X-Forwarded-For: {chain}", f"X-Forwarded-Proto: {value}")[2] == protocol


@pytest.mark.parametrize(
    ("chain", "value", "host"),
    [
        ("192.0.2.1", "good.com", "good.com"),
        ("192.0.2.1", "good.com:8080", "good.com:8080"),
        ("192.0.2.1", "[::1]:80", "[::1]:80"),
        ("192.0.2.1", "x:notaport", "shop.com"),
        ("192.0.2.1", "evil@good.com", "shop.com"),
        ("192.0.2.1", "good.com/path", "shop.com"),
        ("192.0.2.1", "good.com?x", "shop.com"),
        ("192.0.2.1", "good.com evil.com", "shop.com"),
        ("192.0.2.1", "<b>", "shop.com"),
        ("192.0.2.1", "g\xf6\xf6d.com", "shop.com"),
        ("192.0.2.1", "evil.com, good.com", "good.com"),
        ("192.0.2.1, 10.0.0.2", "evil.com, good.com, inner.com", "good.com"),
    ],
)
def test_the_host(ask: Ask, chain: str, value: str, host: str) -> None:
    # core:REQ-5
    assert ask(f"X-Forwarded-For: {chain}", f"X-Forwarded-Host: {value}")[3] == host


@pytest.mark.parametrize(
    ("value", "chain", "protocol", "host"),
    [
        ("for=192.0.2.1;proto=https;host=a.com", "192.0.2.1", "https", "a.com"),
        ('For="[2001:db8::1]:4711"', "2001:db8::1", "http", "shop.com"),
        ('for="192.0.2.1:_p";Proto=HTTPS', "192.0.2.1", "https", "shop.com"),
        ('for=192.0.2.1;host="a.com:81"', "192.0.2.1", "http", "a.com:81"),
        (
            "for=6.6.6.6;host=evil.com, for=192.0.2.1;proto=https;host=a.com, for=10.0.0.2",
            *("192.0.2.1, 10.0.0.2", "https", "a.com"),
        ),
        ("for=6.6.6.6;proto=https, for=192.0.2.1", "192.0.2.1", "http", "shop.com"),
        ("for=_hidden;proto=https", "", "https", "shop.com"),
        ("for=unknown, for=10.0.0.2", "10.0.0.2", "http", "shop.com"),
        ('for="6.6.6.6, for=192.0.2.1', "192.0.2.1", "http", "shop.com"),
        ("for=192.0.2.1;for=6.6.6.6", "", "http", "shop.com"),
        ("for=2001:db8::1", "", "http", "shop.com"),
        ("192.0.2.1", "", "http", "shop.com"),
        ('for=192.0.2.1;host="evil@a.com";proto=evil', "192.0.2.1", "http", "shop.com"),
        ("," * 100_000, "", "http", "shop.com"),
        ("for=6.6.6.6," * 8_000 + "for=192.0.2.1", "192.0.2.1", "http", "shop.com"),
    ],
)
def test_forwarded(forwarded: Ask, value: str, chain: str, protocol: str, host: str) -> None:
    # core:REQ-5, REQ-7, REQ-8
    ips = chain.split(", ") if chain else []
    seen = forwarded(f"Forwarded: {value}", "X-Forwarded-For: 6.6.6.6")
    assert seen == [ips[0] if ips else "127.0.0.1", ips, protocol, host]


def test_a_peer_that_is_not_trusted_reports_nothing(stranger: Ask) -> None:
    fields = ("X-Forwarded-For: 6.6.6.6", "X-Forwarded-Proto: https", "X-Forwarded-Host: evil.com")
    assert stranger(*fields) == ["127.0.0.1", [], "http", "shop.com"]


@pytest.mark.parametrize(
    "field",
    ["X-Forwarded-For: 6.6.6.6\rX: y", "X-Forwarded-For: 6.6.6.6\nX: y", "X-Forwarded-Host: a\0b"],
)
def test_a_line_break_in_a_value_is_refused(ask: Ask, field: str) -> None:
    # known:KW-47
    assert ask(field) == [400]


@pytest.mark.parametrize(
    "host",
    [
        *("evil@good.com", "good.com/x", "good.com?x", "good.com#x", "a b", ":80", "[::1", "a:b"),
        *("good.com\\x", "g\xf6d.com", "<b>"),
    ],
)
def test_a_malformed_host_is_refused(ask: Ask, host: str) -> None:
    # known:KW-48
    assert ask(host=host) == [400]


@pytest.mark.parametrize("target", ["@google.com", "//google.com@", "http://a@google.com/"])
def test_a_target_cannot_name_another_host(ask: Ask, target: str) -> None:
    # known:KW-48
    assert ask(target=target) in ([400], [404])


def test_hostile_lists_take_linear_time(ask: Ask) -> None:
    """200 kB are read in milliseconds; a quadratic reader takes minutes (known:KW-47)."""
    began = perf_counter()
    ask(f"X-Forwarded-For: {',' * 100_000}", f"X-Forwarded-Proto: {'https,' * 16_000}")
    assert perf_counter() - began < 1


@pytest.mark.parametrize(
    ("trusted", "fields", "seen"),
    [
        ("10.0.0.1", {"forwarded": "for=192.0.2.1;proto=https"}, ("192.0.2.1", True)),
        ("10.0.0.1", {"forwarded": "for=_hidden;proto=nonsense"}, ("10.0.0.1", False)),
        ("10.0.0.1", {"forwarded": "by=192.0.2.9"}, ("6.6.6.6", True)),
        ("10.0.0.1", {}, ("6.6.6.6", True)),
        ("", {"forwarded": "for=_hidden;proto=nonsense"}, ("6.6.6.6", True)),
    ],
)
def test_the_first_field_of_a_trusted_proxy_decides(
    tmp_path: Path, trusted: str, fields: dict[str, str], seen: tuple[str, bool]
) -> None:
    """The next one, which the client may have sent, does not count (core:REQ-7, REQ-8)."""
    config = f"""
proxy = True
trusted_proxies = {[trusted] if trusted else []}
ip_headers = "forwarded, x-forwarded-for"
protocol_headers = "forwarded, x-forwarded-proto"
"""
    app: Application = loaded(tmp_path / "shop", {"config/config_default.py": config})
    fields = {**fields, "x-forwarded-for": "6.6.6.6", "x-forwarded-proto": "https"}
    ctx = app.create_anonymous_context(AnonymousRequest(headers=fields, peer=("10.0.0.1", 0)))
    assert (ctx.ip, ctx.secure) == seen
    app.loggers.close()


def with_peer(app: Application, peer: str) -> tuple[str, list[str], bool]:
    """Returns what an app sees of a request of this peer that reports 192.0.2.1 and https."""
    fields = {"x-forwarded-for": "192.0.2.1", "x-forwarded-proto": "https"}
    ctx = app.create_anonymous_context(AnonymousRequest(headers=fields, peer=(peer, 0)))
    return ctx.ip, ctx.ips, ctx.secure


@pytest.mark.parametrize(
    ("config", "peer", "seen"),
    [
        ("proxy = True", "10.0.0.1", ("192.0.2.1", ["192.0.2.1"], True)),
        ("proxy = True", "", ("", [], False)),
        ("proxy = True\ntrusted_proxies = ['0.0.0.0/0', '::/0']", "", ("", [], False)),
        ("proxy = True\ntrusted_proxies = ['unix']", "", ("192.0.2.1", ["192.0.2.1"], True)),
        ("proxy = True\ntrusted_proxies = ['unix']", "10.0.0.1", ("10.0.0.1", [], False)),
        ("trusted_proxies = ['unix', '10.0.0.1']", "10.0.0.1", ("10.0.0.1", [], False)),
        ("", "::ffff:c000:201", ("192.0.2.1", [], False)),
        ("", "fe80::1%eth0", ("fe80::1%eth0", [], False)),
    ],
)
def test_the_peer_decides(
    tmp_path: Path, config: str, peer: str, seen: tuple[str, list[str], bool]
) -> None:
    # core:REQ-9, known:KW-46
    app: Application = loaded(tmp_path / "shop", {DEFAULT: f"{config}\n"})
    assert with_peer(app, peer) == seen
    app.loggers.close()


TCP = ("0.0.0.0", 7001)


@pytest.mark.parametrize(
    ("config", "listener", "warning"),
    [
        ("", TCP, ""),
        ("proxy = True", ("127.0.0.1", 7001), ""),
        ("proxy = True", ("::1", 7001, 0, 0), ""),
        ("proxy = True\ntrusted_proxies = ['10.0.0.0/8']", TCP, ""),
        ("proxy = True\ntrusted_proxies = ['unix']", "/run/shop.sock", ""),
        (
            "proxy = True",
            TCP,
            "proxy is on without trusted_proxies: every host that reaches 0.0.0.0 can choose its",
        ),
        (
            "proxy = True\ntrusted_proxies = ['10.0.0.0/8']",
            "/run/shop.sock",
            "proxy has no effect: the listener is a Unix socket, and its peers are not trusted",
        ),
    ],
)
def test_a_listener_that_trusts_too_much_or_nothing(
    tmp_path: Path, config: str, listener: object, warning: str
) -> None:
    # known:KW-46
    app: Application = loaded(tmp_path / "shop", {DEFAULT: f"{config}\n"})
    place = f"{tmp_path}/shop/{DEFAULT}:1: " if warning else ""
    assert exposure(app.config, listener).startswith(place + warning)
    assert bool(exposure(app.config, listener)) is bool(warning)
    app.loggers.close()
