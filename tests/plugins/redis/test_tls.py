"""A server with TLS, whose certificate is of an authority that the test makes."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eggd.errors import ConfigError
from eggd.testing.redis_server import RedisServer
from tests.plugins.redis.conftest import Lines, Opened
from tests.ports import free_ports


def openssl(*args: object) -> None:
    """Runs openssl; its text is the error of the test."""
    done = subprocess.run(["openssl", *map(str, args)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def authority(folder: Path, name: str) -> None:
    """Makes the authority `{name}.pem` with its key `{name}.key`."""
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", 2)
    files = ("-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem")
    openssl("req", "-x509", *new, "-subj", f"/CN={name}", *files)


def certificate(folder: Path, name: str, issuer: str, names: str) -> None:
    """Makes the certificate `{name}.pem`, for `names`, with its key `{name}.key`."""
    new = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", 2)
    files = ("-keyout", folder / f"{name}.key", "-out", folder / f"{name}.pem")
    by = ("-CA", folder / f"{issuer}.pem", "-CAkey", folder / f"{issuer}.key")
    openssl(
        *("req", "-x509", *new, "-subj", f"/CN={name}", *files, *by),
        *("-addext", f"subjectAltName={names}", "-addext", "basicConstraints=critical,CA:FALSE"),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two authorities, the certificates of two servers, and those of two clients."""
    folder = tmp_path_factory.mktemp("tls")
    for name in ("ca", "strange"):
        authority(folder, name)
    certificate(folder, "server", "ca", "IP:127.0.0.1,DNS:localhost")
    certificate(folder, "elsewhere", "ca", "DNS:redis.example")
    certificate(folder, "client", "ca", "DNS:client")
    certificate(folder, "stranger", "strange", "DNS:client")
    return folder


@contextmanager
def served(folder: Path, name: str, clients: str = "no") -> Iterator[int]:
    """Runs a server with a certificate; `clients`: whether it asks clients for theirs."""
    (port,) = free_ports(1)
    files = {"cert-file": f"{name}.pem", "key-file": f"{name}.key", "ca-cert-file": "ca.pem"}
    options = [each for key, file in files.items() for each in (f"--tls-{key}", str(folder / file))]
    with RedisServer("--tls-port", str(port), "--tls-auth-clients", clients, *options):
        yield port


def problem(opened: Opened, **options: object) -> str:
    """Returns why a client cannot connect; "" if it can, and has written and read."""

    async def use() -> str:
        async with opened(shop=options) as redis:
            try:
                await redis.connect()
            except ConfigError as exc:
                return exc.line
            await redis.get("shop").set("a", "Zoë")
            assert await redis.get("shop").get("a") == "Zoë"
            return ""

    return asyncio.run(use())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_server_is_known_by_its_authority(
    folder: Path, opened: Opened, lines: Lines, host: str
) -> None:
    with served(folder, "server") as port:
        url = f"rediss://{host}:{port}"
        assert problem(opened, url=url, tls_ca=str(folder / "ca.pem")) == ""
        wrong = problem(opened, url=url, tls_ca=str(folder / "strange.pem"))
    assert wrong.startswith(f"redis.clients.shop: {host}:{port} cannot be reached")
    assert "CERTIFICATE_VERIFY_FAILED" in wrong
    assert lines == []


def test_the_system_does_not_know_the_authority(folder: Path, opened: Opened) -> None:
    """Without tls_ca the authorities of the system count."""
    with served(folder, "server") as port:
        assert "CERTIFICATE_VERIFY_FAILED" in problem(opened, url=f"rediss://127.0.0.1:{port}")


def test_the_name_of_the_server_is_checked(folder: Path, opened: Opened) -> None:
    """A certificate of the right authority for another host is refused."""
    with served(folder, "elsewhere") as port:
        url = f"rediss://127.0.0.1:{port}"
        text = problem(opened, url=url, tls_ca=str(folder / "ca.pem"))
    assert "IP address mismatch" in text


def test_a_client_without_tls_is_an_error(folder: Path, opened: Opened) -> None:
    with served(folder, "server") as port:
        text = problem(opened, url=f"redis://127.0.0.1:{port}", timeout=1)
    assert f"127.0.0.1:{port} cannot be reached" in text


def test_a_server_that_asks_for_a_certificate(folder: Path, opened: Opened) -> None:
    """The client proves its name with tls_cert and tls_key, and needs both to match."""
    with served(folder, "server", clients="yes") as port:
        options: dict[str, object] = {"url": f"rediss://127.0.0.1:{port}"}
        options["tls_ca"] = str(folder / "ca.pem")

        def tried(name: str) -> str:
            files = {"tls_cert": f"{name}.pem", "tls_key": f"{name}.key"}
            return problem(opened, **options, **{k: str(folder / v) for k, v in files.items()})

        assert tried("client") == ""
        assert "cannot be reached" in tried("stranger")
        assert "cannot be reached" in problem(opened, **options)


def test_an_outage_of_a_server_with_tls_ends(folder: Path, opened: Opened, lines: Lines) -> None:
    """The client connects again by itself, encrypted."""

    async def use() -> None:
        with served(folder, "server") as port:
            options = {"url": f"rediss://localhost:{port}", "tls_ca": str(folder / "ca.pem")}
            async with opened(shop=options) as redis:
                await redis.connect()
                clients = await redis.get("shop").client_list()
                assert [each["laddr"] for each in clients] == [f"127.0.0.1:{port}"]
                await redis.get("shop").client_kill_filter(_type="normal", skipme=False)
                assert await redis.get("shop").ping()

    asyncio.run(use())
    assert lines == []
