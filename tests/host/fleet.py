"""Three booted hosts behind HAProxy with one Redis, and the operator who deploys to them by ssh.

The front has HAProxy, the server, the operator's ssh key and no suite; it is the centre of the
network. The hosts have sshd, and nothing of eggd runs before their first release.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from tests.chaos.answers import Answer, failures, p99
from tests.chaos.trial import Trial
from tests.host.conftest import Boot
from tests.host.host import PORT, Host
from tests.host.network import CENTRE, PREFIX, connect
from tests.host.rootfs import Flavour

SERVERS = {"bookworm": ("redis-server", "redis"), "trixie": ("valkey-server", "valkey")}
"""Package and unit of the server, and the name of its files, by Debian suite."""
TOOLS = ("haproxy", "iproute2", "openssh-server", "python3-redis", "sudo")
NAMES = ("shop-1", "shop-2", "ops@shop-3")
"""The hosts as the operator names them: on the last one a user has to use sudo."""
HOSTS = ",".join(NAMES)
HEALTH = 7002
RATE = 64.0
"""Requests a second on kept connections, beside 100 on new ones."""
HAPROXY = """\
global
    stats socket /run/haproxy.sock
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    option redispatch 1
frontend shop
    bind 127.0.0.1:{port}
    default_backend shop
backend shop
    option httpchk GET /ready
"""
SERVER = """\
    server {name} {address}:{port} pool-purge-delay 5s check port {health} inter 500ms fall 2 rise 2
"""
APP = {
    "pyproject.toml": '[project]\nname = "shop"\nversion = "VERSION"\ndependencies = ["eggd"]\n',
    "config/plugin.py": "fleet = True\n",
    "config/config_default.py": f"""
cluster = {{"health": {{"listen": "{HEALTH}"}}}}
http = {{"keep_alive_timeout": 75}}
redis = {{"clients": {{"main": {{"url": "redis://{CENTRE}"}}}}}}
""",
    "app/router.py": """
import os


async def pid(ctx):
    ctx.body = str(os.getpid())


async def page(ctx):
    ctx.body = "VERSION"


def router(app):
    app.router.get("/", pid)
    app.router.get("/page", page)
""",
}
LATE = 'ctx.status = 200 if "EGGD_TRIAL" in os.environ else 503'
"""Healthy in the spare, and no longer once clients depend on it."""
ASK = """
import http.client, sys
for address in sys.argv[1:]:
    connection = http.client.HTTPConnection(address, {port}, timeout=10)
    connection.request("GET", "/page")
    print(connection.getresponse().read().decode())
"""
STATS = """
import socket
sock = socket.socket(socket.AF_UNIX)
sock.connect("/run/haproxy.sock")
sock.sendall(b"show stat\\n")
print(b"".join(iter(lambda: sock.recv(65536), b"")).decode())
"""


def packages(flavour: Flavour) -> tuple[str, ...]:
    """Returns what the hosts have besides eggd."""
    return (*TOOLS, SERVERS[flavour.suite][0])


@dataclass(slots=True)
class Fleet:
    """The front and its hosts."""

    front: Host
    hosts: list[Host]
    addresses: list[str]
    deb: Path
    answers: list[Answer] = field(default_factory=list)
    """The answers of all loads so far."""
    took: list[float] = field(default_factory=list)
    """Seconds of each deploy so far."""

    @classmethod
    def boot(cls, boot: Boot, flavour: Flavour, deb: Path) -> Fleet:
        """Boots and connects all four."""
        more, server = packages(flavour), SERVERS[flavour.suite][0]
        daemons = ("haproxy", server, "egg-master")
        hosts = [
            boot(workers=2, packages=more, prepare=partial(_prepare_host, name, daemons))
            for name in NAMES
        ]
        front = boot(packages=more, prepare=lambda host: _prepare_front(host, flavour))
        addresses = connect(front, hosts)
        fleet = cls(front, hosts, addresses, deb)
        for host in hosts:
            fleet.admit(host)
        return fleet

    def admit(self, host: Host) -> None:
        """Lets the operator's key in: as root, and as user ops with sudo for eggd alone."""
        key = (self.front.root / "root/.ssh/id_ed25519.pub").read_text()
        host.write("root/.ssh/authorized_keys", key)
        host.write("etc/sudoers.d/ops", "ops ALL=(root) NOPASSWD: /usr/bin/eggd\n")
        host.run(
            "chmod -R go= /root/.ssh; chmod 0440 /etc/sudoers.d/ops; useradd -m ops;"
            " cp -r /root/.ssh /home/ops; chown -R ops: /home/ops/.ssh"
        )

    def source(self, version: str, line: str = "") -> str:
        """Writes the app of a version on the front, with one more line in its page."""
        for name, text in APP.items():
            text = text.replace('ctx.body = "VERSION"', f'ctx.body = "VERSION"\n    {line}')
            self.front.write(f"/root/{version}/{name}", text.replace("VERSION", version))
        return f"/root/{version}"

    def deploy(self, source: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Deploys from the front to all hosts."""
        line = " ".join(("eggd deploy", source, "--check /page --json --hosts", HOSTS, *words))
        began = time.monotonic()
        done = self.front.run(line, check=False)
        self.took.append(time.monotonic() - began)
        return done

    def versions(self) -> list[str]:
        """The version that each host answers with."""
        return self.front.out(
            f"/usr/bin/python3 -c '{ASK.format(port=PORT)}' {' '.join(self.addresses)}"
        ).split()

    def known(self) -> list[dict[str, Any]]:
        """`eggd hosts` of the first host."""
        listed: list[dict[str, Any]] = json.loads(self.hosts[0].out("eggd hosts --json"))
        return listed

    def downs(self) -> dict[str, int]:
        """Returns the number of times that HAProxy has taken each host out."""
        text = self.front.out(f"/usr/bin/python3 -c '{STATS}'")
        heads, *rows = (line.split(",") for line in text.lstrip("# ").splitlines() if line)
        named = [dict(zip(heads, row, strict=False)) for row in rows]
        return {each["svname"]: int(each["chkdown"]) for each in named if each["chkdown"]}

    def await_up(self) -> None:
        """Waits until HAProxy passes requests to every host."""
        until = time.monotonic() + 60
        command = f"/usr/bin/python3 -c '{STATS}' | grep -c '^shop,host.*,UP,'"
        while (number := self.front.run(command, check=False).stdout.strip()) != str(len(NAMES)):
            assert time.monotonic() < until, f"{number} hosts are up"
            time.sleep(0.2)

    @contextmanager
    def load(self) -> Iterator[None]:
        """Runs the load on HAProxy in the block; then no request may have failed."""
        trial = Trial(self.front, 0, RATE, self.deb)
        with trial.load():
            yield
        self.answers += trial.answers
        assert failures(trial.answers) == {}, failures(trial.answers)

    @property
    def figure(self) -> str:
        """The load so far, as a line."""
        slow = p99(self.answers) * 1000
        seconds = median(self.took)
        return (
            f"0 of {len(self.answers):,} requests failed, p99 {slow:.0f} ms,"
            f" {seconds:.0f} s a deploy (median)"
        )


def _prepare_host(name: str, daemons: Sequence[str], host: Host) -> None:
    """Gives the host a name of its own: the base has one for all, but a fleet's must differ."""
    short = name.rpartition("@")[2]
    host.write("etc/hostname", short)
    with (host.root / "etc/hosts").open("a") as file:
        file.write(f"127.0.1.1 {short}\n")  # sudo looks the own name up
    _without(host, *daemons)


def _prepare_front(front: Host, flavour: Flavour) -> None:
    _without(front, "egg-master", "ssh")
    name = SERVERS[flavour.suite][1]
    with (front.root / f"etc/{name}/{name}.conf").open("a") as file:
        file.write("bind * -::*\nprotected-mode no\n")
    addresses = [f"{PREFIX}{11 + number}" for number in range(len(NAMES))]
    servers = [
        SERVER.format(name=f"host{number}", address=each, port=PORT, health=HEALTH)
        for number, each in enumerate(addresses)
    ]
    front.write("etc/haproxy/haproxy.cfg", HAPROXY.format(port=PORT) + "".join(servers))
    names = [name.rpartition("@")[2] for name in NAMES]
    with (front.root / "etc/hosts").open("a") as file:
        file.writelines(f"{each} {name}\n" for each, name in zip(addresses, names, strict=True))
    key = front.root / "root/.ssh/id_ed25519"
    key.parent.mkdir(mode=0o700, exist_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    public = (front.root / "etc/ssh/ssh_host_ed25519_key.pub").read_text()  # of all: one layer
    front.write("root/.ssh/known_hosts", "".join(f"{name} {public}" for name in names))


def _without(host: Host, *units: str) -> None:
    """Leaves units alone at boot that their packages have enabled."""
    for unit in units:
        target = "multi-user.target.wants"
        (host.root / f"etc/systemd/system/{target}/{unit}.service").unlink()
