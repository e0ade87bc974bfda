"""`eggd listen unix:PATH` on booted hosts: owner, mode, restart, reload and a removed file."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.host.conftest import Boot
from tests.host.host import Host

pytestmark = pytest.mark.one_suite("bookworm")

PATH = "/run/eggd/http.sock"
CLIENT = """
import http.client, json, os, socket, sys

PATH, UNTIL = sys.argv[1], sys.argv[2:]


def ask():
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.settimeout(60)
    connection.sock.connect(PATH)
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


if not UNTIL:
    try:
        print(ask())
    except OSError as exc:
        print(type(exc).__name__)
else:
    statuses = [ask()]
    print("running", flush=True)
    while not os.path.exists(UNTIL[0]):
        statuses.append(ask())
    print(json.dumps([len(statuses), sorted({*statuses})]))
"""


@pytest.fixture(scope="module")
def host(module_boot: Boot) -> Host:
    """Two workers on the suite app, for all tests of this module."""
    host = module_boot("suite", workers=2)
    host.write("/srv/client.py", CLIENT)
    return host


@pytest.fixture(autouse=True)
def _on_socket(host: Host) -> None:
    host.run(f"eggd start && eggd listen unix:{PATH} --owner eggd:www-data && eggd restart")


def ask(host: Host, user: str) -> str:
    return host.out(f"python3 /srv/client.py {PATH}", user=user)


def test_owner_and_mode_decide_who_may_connect(host: Host) -> None:
    """The file is that of the chosen owner; systemd warns about no option of the socket."""
    assert host.out(f"stat -c '%U %G %a' {PATH}") == "eggd www-data 660"
    asked = {user: ask(host, user) for user in ("root", "eggd", "www-data", "nobody")}
    assert asked == {**dict.fromkeys(asked, "200"), "nobody": "PermissionError"}
    assert host.refuses(7001)
    shown = host.out("eggd status")
    assert f", on {PATH} (owner eggd:www-data, mode 0660)" in shown
    assert f"{PATH}" in host.out("eggd doctor || :")
    said = [record["MESSAGE"] for record in host.records("egg.socket")]
    assert not [line for line in said if "failed" in line.lower() or "NODELAY" in line]
    assert f"eggd started on {PATH}" in host.journal("egg-master")


def test_a_change_is_pending_and_a_boot_keeps_the_socket(host: Host) -> None:
    """Every user sees what is pending; a stop removes the file."""
    host.run(f"eggd listen unix:{PATH} --owner eggd:adm --mode 600")
    for user in ("root", "nobody"):
        assert f"pending: egg.socket will listen on {PATH}" in host.out("eggd status", user=user)
    assert host.out(f"stat -c '%G %a' {PATH}") == "www-data 660"
    host.reboot()
    assert host.out(f"stat -c '%U %G %a' {PATH}") == "eggd adm 600"
    assert ask(host, "eggd") == "200"
    host.run("eggd stop")
    assert host.out(f"test -e {PATH} || echo removed") == "removed"


def test_no_request_fails_at_a_reload_and_a_restart(host: Host) -> None:
    host.run("rm -f /srv/done")
    with ThreadPoolExecutor() as pool:
        load = pool.submit(host.out, f"python3 /srv/client.py {PATH} /srv/done")
        host.run("eggd reload && eggd restart && touch /srv/done")
        count, statuses = json.loads(load.result().splitlines()[-1])
    assert (count > 1, statuses) == (True, [200])


def test_a_removed_file_is_reported_and_a_restart_repairs_it(host: Host) -> None:
    host.run(f"rm {PATH}")
    done = host.run("eggd status", check=False)
    assert done.returncode == 1
    assert f"egg.socket: {PATH} was removed: run 'eggd restart'" in done.stdout
    found = host.run("eggd doctor", check=False).stdout
    assert "was removed although egg.socket is active" in found
    host.run("eggd restart")
    assert ask(host, "www-data") == "200"


def test_a_file_that_systemd_would_remove_is_refused(host: Host) -> None:
    """A missing directory is made by systemd; a port takes the place of the file again."""
    for path, text in (
        ("/etc/passwd", "exists and is not a socket"),
        ("/run/eggd", "is a directory"),
        ("/home/a/http.sock", "the units cannot use /home/a"),
    ):
        done = host.run(f"eggd listen unix:{path}", check=False)
        assert (done.returncode, text in done.stderr) == (2, True)
    host.run("eggd listen unix:/run/shop/web/http.sock --owner :www-data && eggd restart")
    assert host.out("stat -c '%U %G %a' /run/shop/web/http.sock") == "eggd www-data 660"
    assert host.out("python3 /srv/client.py /run/shop/web/http.sock", user="www-data") == "200"
    host.run("eggd listen 7001 && eggd restart")
    assert host.http("/").status == 200
