"""A secret on a host: set, read by a worker and by commands, never written, changed, removed."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.host.conftest import Boot
from tests.host.host import Host

SECRET, OTHER = "tomorrow & 'always'", "the day after tomorrow"
FOLDER = "/etc/systemd/system/egg-worker@.service.d"
SET = "set credential bank for workers and agent, encrypted; 'eggd"
JOURNAL = "journalctl -q -o export --no-pager | tr -d '\\200-\\377'; systemctl show '*'"
"""Prints all fields of the journal but what is not ASCII: lengths of fields are binary."""


def stopped(host: Host) -> None:
    """The suite does not start with the host, as its credential is not set yet."""
    (host.root / "etc/systemd/system/multi-user.target.wants/egg-master.service").unlink()


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def set_secret(host: Host, secret: str) -> str:
    host.write("/root/secret", f"{secret}\n")
    done = host.run("eggd credential set bank --stdin < /root/secret && rm /root/secret")
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.one_suite("trixie")
def test_a_missing_credential_is_named_with_its_cure(boot: Boot) -> None:
    host = boot("secret", prepare=stopped)
    for command in ("eggd check", "eggd start"):
        done = host.run(command, check=False)
        assert done.returncode == 1
        assert "/srv/app/config/config_default.py:4: credential bank is missing" in done.stderr
        assert "(run 'eggd credential set bank')" in done.stderr


def test_set_read_change_and_remove(boot: Boot) -> None:
    host = boot("secret", workers=2, prepare=stopped)
    assert set_secret(host, SECRET) == f"{SET} start' makes it live"
    host.run("eggd start")
    assert host.http("/").text == digest(SECRET)
    assert host.out("cd /srv/app && eggd digest") == digest(SECRET)
    agent = host.pid("egg-agent")
    assert set_secret(host, OTHER) == f"{SET} reload' makes it live"
    assert host.http("/").text == digest(SECRET)
    host.run("eggd reload")
    assert host.http("/").text == digest(OTHER)
    assert host.pid("egg-agent") != agent
    assert "mix" not in host.out("eggd status")
    assert host.out("eggd credential remove bank").endswith("'eggd reload' makes it live")
    assert (
        host.out(f"ls {FOLDER} /etc/credstore.encrypted")
        == f"/etc/credstore.encrypted:\n\n{FOLDER}:"
    )
    done = host.run("eggd reload", check=False)
    assert "credential bank is missing" in done.stderr
    assert host.http("/").text == digest(OTHER)


@pytest.mark.one_suite("trixie")
def test_no_log_dump_or_page_has_the_value(boot: Boot) -> None:
    host = boot("secret", prepare=stopped)
    set_secret(host, SECRET)
    host.run("eggd start")
    assert "<p>not ***</p>" in host.http("/spill").text
    assert host.http("/fail").status == 500
    shown = host.out("eggd config bank && eggd credential list && eggd doctor")
    assert "x://shop:***@bank/" in shown
    host.run("eggd stop && journalctl --sync")
    log = host.out("cat /var/log/eggd/*.log")
    assert "with *** and" in log
    assert "python.ValueError: ***" in log
    dump = json.loads(host.out("cat /run/eggd/application_config.json"))["config"]["bank"]
    assert dump == {"url": "x://shop:***@bank/", "plain": f"<String len: {len(SECRET)}>"}
    places = "/var/log /run /etc /var/lib/eggd /srv /tmp"
    found = host.run(f"grep -rlaF tomorrow {places} 2>/dev/null", check=False).stdout
    assert found == ""
    assert "tomorrow" not in host.out(JOURNAL)


@pytest.mark.one_suite("trixie")
def test_another_user_is_told_that_the_service_has_it(boot: Boot) -> None:
    host = boot("secret", prepare=stopped)
    set_secret(host, SECRET)
    done = host.run("eggd check /srv/app", user="nobody")
    assert done.stdout.startswith("secret (prod) loads: 3 routes")
    assert "credential bank is set for the service and not readable here" in done.stderr
    done = host.run("cd /srv/app && eggd digest", user="nobody", check=False)
    assert f"is set for the service in {FOLDER}/credential-bank.conf" in done.stderr
    assert "(run it as root)" in done.stderr
    listed = json.loads(host.out("eggd credential list --json", user="nobody"))
    assert [(each["name"], each["encrypted"], len(each["units"])) for each in listed] == [
        ("bank", True, 2)
    ]
    done = host.run("echo x | eggd credential set bank --stdin", user="nobody", check=False)
    assert done.stderr.startswith("error: only root may change the credentials of this host")


@pytest.mark.one_suite("trixie")
def test_a_host_without_systemd_creds_keeps_it_for_root(boot: Boot) -> None:
    host = boot("secret", prepare=stopped)
    host.run("chmod -x /usr/bin/systemd-creds")
    done = host.run(f"printf %s '{OTHER}' | eggd credential set bank --stdin")
    assert "not encrypted" in done.stdout
    assert done.stderr.startswith("note: it is not encrypted, but only root may read it: ")
    assert host.out("stat -c '%a %U' /etc/credstore/eggd.bank") == "600 root"
    host.run("eggd start")
    assert host.http("/").text == digest(OTHER)
    assert host.out("cd /srv/app && eggd digest") == digest(OTHER)
    host.run("mv /etc/credstore/eggd.bank /root")
    done = host.run("eggd reload", check=False)
    named = "'/etc/credstore/eggd.bank', which LoadCredential=bank names"
    assert f"{named}, does not exist" in done.stderr
    assert host.http("/").text == digest(OTHER)
    host.run("chmod +x /usr/bin/systemd-creds")
    set_secret(host, SECRET)
    assert host.out("ls -A /etc/credstore") == ""
    host.run("eggd reload")
    assert host.http("/").text == digest(SECRET)
