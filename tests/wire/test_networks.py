"""Addresses as text, and the networks that an operator trusts."""

from __future__ import annotations

import pytest

from eggd.wire.networks import NetworkError, Networks, plain_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("192.0.2.1:1024", "192.0.2.1"),
        ("[::1]:8080", "::1"),
        ("[2001:DB8:0::1]", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("::ffff:c000:201", "192.0.2.1"),
        ("[::ffff:192.0.2.1]:4", "192.0.2.1"),
        *((text, "") for text in ("", "unknown", "_hidden", "1.2.3", "1.2.3.4.5", "999.1.1.1")),
        *((text, "") for text in ("01.2.3.4", "1.2.3.4/8", "1.2.3.4:", "1.2.3.4:x", ":80", "[]")),
        *((text, "") for text in ("fe80::1%eth0", "fe80::1%<b>", "[::1", "::1]", "1" * 100_000)),
        *((text, "") for text in ("1.2.3.4\r\nX: y", "\u0661.2.3.4", "1.2.3.4 ", "localhost")),
    ],
)
def test_an_address_without_its_port(text: str, address: str) -> None:
    # known:KW-45
    assert plain_address(text) == address


TRUSTED = Networks(["10.0.0.0/8", "192.0.2.7", "fd00::/8", "::1"])


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        *((host, True) for host in ("10.0.0.1", "10.255.255.255", "192.0.2.7", "fd00::1", "::1")),
        *((host, True) for host in ("::ffff:10.0.0.1", "fd00::1%eth0")),
        *((host, False) for host in ("11.0.0.1", "192.0.2.8", "fe80::1", "::2", "", "unknown")),
        *((host, False) for host in ("10.0.0.1/8", "10.0.0.1, 10.0.0.1", "010.0.0.1")),
    ],
)
def test_networks_contain_addresses(host: str, trusted: bool) -> None:
    # known:KW-45
    assert (host in TRUSTED) is trusted


def test_a_unix_socket_must_be_listed() -> None:
    # known:KW-46
    assert "" in Networks(["unix"])
    assert "" not in Networks(["0.0.0.0/0", "::/0"])


@pytest.mark.parametrize(
    ("entry", "message", "hint"),
    [
        ("10.0.0.1/8", "'10.0.0.1/8' has bits set behind its prefix", "write '10.0.0.0/8'"),
        ("fd00::1/8", "'fd00::1/8' has bits set behind its prefix", "write 'fd00::/8'"),
        ("10.0.0.0/33", "'10.0.0.0/33' is not a network", "an address, a network such as"),
        ("10.0.0", "'10.0.0' is not a network", "an address, a network such as"),
        ("10.0.0.*", "'10.0.0.*' is not a network", "an address, a network such as"),
        ("localhost", "'localhost' is not a network", "an address, a network such as"),
        ("", "'' is not a network", "an address, a network such as"),
        ("fe80::1%eth0/64", "'fe80::1%eth0/64' is not a network", "an address, a network such as"),
        ("UNIX", "'UNIX' is not a network", "an address, a network such as"),
        ("::ffff:10.0.0.0/104", "is a network of mapped IPv4 addresses", "write '10.0.0.0/8'"),
    ],
)
def test_a_wrong_network_is_explained(entry: str, message: str, hint: str) -> None:
    with pytest.raises(NetworkError) as caught:
        Networks(["10.0.0.0/8", entry])
    assert message in str(caught.value)
    assert caught.value.hint.startswith(hint)
