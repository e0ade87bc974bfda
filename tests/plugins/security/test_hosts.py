"""The names of a site: requests for other hosts (RFC 9110 section 15.5.20)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.errors import EggError
from tests.app.serving import Client
from tests.plugins.security.site import site

NAMES = "['shop.example', '.own.example', '*.img.example', '[fd00::1]']"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    config = f"security = {{'hosts': {{'names': {NAMES}, 'ignore': '/api'}}}}"
    with site(tmp_path_factory.mktemp("hosts"), config, "prod") as client:
        yield client


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("shop.example", 200),
        ("SHOP.example:8443", 200),
        ("shop.example.", 200),
        ("own.example", 200),
        ("a.b.own.example", 200),
        ("a.img.example", 200),
        ("[fd00::1]:80", 200),
        ("img.example", 421),
        ("a.shop.example", 421),
        ("evilown.example", 421),
        ("shop.example.evil", 421),
        ("127.0.0.1", 421),
        ("localhost", 421),
        ("", 421),
    ],
)
def test_the_host_of_a_request(shop: Client, host: str, status: int) -> None:
    """The answer has the usual fields, and sets no cookie for a foreign host."""
    answer = shop.get("/", Host=host)
    assert answer.status == status
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert ("set-cookie" in answer.headers) == (status == 200)


@pytest.mark.parametrize("path", ["/old/a", "/favicon.ico", "/nowhere", "/old/../api/pets"])
def test_every_kind_of_response_is_covered(shop: Client, path: str) -> None:
    assert shop.get(path, Host="evil.example").status == 421


def test_an_exempt_path_answers_for_every_host(shop: Client) -> None:
    assert shop.get("/api/pets", Host="10.0.0.5:7001").status == 200


def test_the_machine_itself_is_allowed_in_development(tmp_path: Path) -> None:
    config = "security = {'hosts': {'names': ['shop.example']}}"
    with site(tmp_path, config, "unittest") as client:
        assert client.get("/", Host="localhost:7001").status == 200
        assert client.get("/", Host="evil.example").status == 421


@pytest.mark.parametrize(
    ("hosts", "text"),
    [
        ("{'names': ['https://shop.example/']}", "is not a host (write 'shop.example')"),
        ("{'names': ['shop.example:80']}", "is not a host (write 'shop.example')"),
        ("{'names': ['*']}", "(leave names empty to answer for all hosts)"),
        ("{'names': ['']}", "'' is not a host (such as 'shop.example')"),
        ("{'names': ['b\u00fccher.example']}", "(write the host in Punycode: 'xn--...')"),
        ("{'names': 'shop.example'}", "security.hosts.names must be a list"),
        ("{'ignore': '/health'}", "security.hosts.ignore has no effect without names"),
        ("{'names': ['a.b'], 'ignore': 'health'}", "security.hosts.ignore: path 'health' must"),
        ("{'name': ['a.b']}", "security.hosts.name: unknown key (did you mean 'names'?)"),
    ],
)
def test_a_wrong_entry_is_an_error_at_the_start(tmp_path: Path, hosts: str, text: str) -> None:
    with pytest.raises(EggError) as error, site(tmp_path, f"security = {{'hosts': {hosts}}}"):
        pass
    assert text in error.value.line
