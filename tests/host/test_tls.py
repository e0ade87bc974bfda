"""TLS as an operator sets it up: a drop-in, a renewed certificate, and what is wrong with one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.host.conftest import Boot
from tests.host.host import PORT, Host
from tests.host.rootfs import TOP
from tests.http.certificates import Pair, make_pair

pytestmark = pytest.mark.one_suite("bookworm")

DROP_IN = (TOP / "docs/tls.conf").read_text()
UNTRUSTED = 60
"""The exit code of curl(1) for a certificate that it does not trust."""


def install(host: Host, pair: Pair) -> None:
    """Puts the files where the drop-in says, the key for root alone."""
    host.write("/etc/ssl/shop.crt", pair.cert.read_text())
    host.write("/etc/ssl/private/shop.key", pair.key.read_text())
    (host.root / "etc/ssl/private/shop.key").chmod(0o600)


def curl(host: Host, trusted: Pair) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        host.container.network_command(
            *("curl", "-sS", "--cacert", str(trusted.cert), f"https://localhost:{PORT}/")
        ),
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_renewed_certificate_is_served_after_a_reload_that_fails_no_request(
    boot: Boot, tmp_path: Path
) -> None:
    # process:CL-44
    first, second = make_pair(tmp_path, "first"), make_pair(tmp_path, "second")
    both = tmp_path / "both.crt"
    both.write_text(first.cert.read_text() + second.cert.read_text())

    def prepare(host: Host) -> None:
        host.write("/etc/systemd/system/egg-worker@.service.d/tls.conf", DROP_IN)
        install(host, first)

    host = boot("suite", workers=2, prepare=prepare)
    answer = curl(host, first)
    assert (answer.stderr, int(answer.stdout) in host.pids(2).values()) == ("", True)
    assert host.run("eggd check").stdout.startswith("suite (prod) loads")
    install(host, second)
    assert curl(host, second).returncode == UNTRUSTED
    with host.load(connections=32, trust=both) as load:
        host.run("systemctl reload egg-master")
    assert load.failures == []
    assert int(curl(host, second).stdout) in host.pids(2).values()
    assert curl(host, first).returncode == UNTRUSTED
    assert host.show("egg-worker@1", "StatusText").endswith(f"on [::]:{PORT}, TLS")
    assert "serving on https://127.0.0.1" in host.out("cat /var/log/eggd/egg-web.log")


def test_a_bad_certificate_fails_the_reload_and_the_workers_run_on(
    boot: Boot, tmp_path: Path
) -> None:
    # process:CL-6
    good, other = make_pair(tmp_path, "good"), make_pair(tmp_path, "other")

    def prepare(host: Host) -> None:
        host.write("/etc/systemd/system/egg-worker@.service.d/tls.conf", DROP_IN)
        install(host, good)

    host = boot("suite", prepare=prepare)
    pid = host.pid("egg-worker@1")
    key = "/etc/ssl/private/shop.key"
    install(host, Pair(good.cert, other.key))
    refused(host, "eggd check", f"key '{key}' does not belong to certificate '/etc/ssl/shop.crt'")
    handed = "/run/credentials/egg-worker@0.service/tls"
    refused(
        host, "eggd reload", f"key '{handed}.key' does not belong to certificate '{handed}.crt'"
    )
    host.run(f"rm {key}")
    refused(host, "eggd check", f"key '{key}' cannot be read: No such file or directory")
    refused(host, "eggd reload", f"'{key}', which LoadCredential=tls.key names, does not exist")
    assert (host.pid("egg-worker@1"), int(curl(host, good).stdout)) == (pid, pid)
    secrets = [pair.key.read_text().splitlines()[1] for pair in (good, other)]
    journal = host.out("journalctl -q -o cat --no-pager")
    assert [line for line in secrets if line in journal] == []


def refused(host: Host, command: str, said: str) -> None:
    done = host.run(command, check=False)
    assert done.returncode == 1
    assert said in done.stderr.splitlines()[-1]
