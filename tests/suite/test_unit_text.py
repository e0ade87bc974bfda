"""The unit files of a named application, made from the shipped ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.suite.names import DEFAULT, SuiteNames
from eggd.suite.unit_text import HEADER, unit_text
from eggd.supervisor.units import UNITS
from eggd.wire.unitfile import parse

SHOP = SuiteNames("my-shop")
FILES = sorted(path for path in UNITS.iterdir() if path.name != "egg.slice")
HIDDEN = "-/run/eggd -/var/log/eggd -/var/lib/eggd -/etc/default/eggd"


def directives(text: str) -> list[tuple[str, str]]:
    return [(each.key, each.value) for each in parse(text, "%i")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.name))
def test_no_name_of_the_default_application_is_left(path: Path) -> None:
    """Each name is that of the application, except in what hides the default application."""
    text = unit_text(path.read_text(), SHOP)
    assert text.startswith(f"{HEADER}\n[Unit]\n")
    for key, value in directives(text):
        if key in ("InaccessiblePaths", "ConditionPathExists", "Documentation"):
            continue
        words = value.replace("egg-my-shop", "").replace("egg-my_shop", "")
        words = words.replace("eggd-my-shop", "").replace("eggd.host", "").replace("of my-shop", "")
        words = words.replace("eggd.process", "") if key == "ExecStart" else words
        words = words.replace("eggd", "") if key == "Description" else words
        assert "egg" not in words, (key, value)


ADDED = {
    "egg.socket": [("ConditionPathExists", "/usr/bin/eggd")],
    "egg-master.service": [
        ("ConditionPathExists", "/usr/bin/eggd"),
        ("Environment", "EGG_APP=my-shop"),
    ],
    "egg-worker@.service": [
        ("ConditionPathExists", "/usr/bin/eggd"),
        ("Environment", "EGG_APP=my-shop"),
        ("InaccessiblePaths", HIDDEN),
    ],
}


@pytest.mark.parametrize("name", ADDED)
def test_the_other_directives_are_those_of_the_shipped_file(name: str) -> None:
    """A generated file has the same keys in the same order, and few further ones."""
    shipped = directives((UNITS / name).read_text())
    generated = directives(unit_text((UNITS / name).read_text(), SHOP))
    assert [each for each in generated if each in ADDED[name]] == ADDED[name]
    keys = [key for key, value in generated if (key, value) not in ADDED[name]]
    assert keys == [key for key, _ in shipped if key != "ListenStream"]


CHANGED = [
    ("egg-worker@.service", "User", "eggd-my-shop"),
    ("egg-worker@.service", "Requires", "egg-my-shop.socket"),
    ("egg-worker@.service", "After", "egg-my-shop.socket egg-my-shop-agent.socket"),
    ("egg-worker@.service", "ExecStart", "/usr/bin/python3 -P -m eggd.process.worker %i"),
    ("egg-worker@.service", "ExecStartPre", "-o eggd-my-shop -g adm /var/log/eggd-my-shop"),
    ("egg-worker@.service", "EnvironmentFile", "-/etc/default/eggd-my-shop"),
    ("egg-worker@.service", "RuntimeDirectory", "eggd-my-shop"),
    ("egg-worker@.service", "RuntimeDirectoryMode", "0711"),
    ("egg-worker@.service", "Slice", "egg-my_shop.slice"),
    ("egg-worker@.service", "WantedBy", "egg-my-shop-master.service"),
    ("egg-master.service", "RuntimeDirectory", "egg-my-shop-master"),
    ("egg-master.service", "RuntimeDirectoryMode", "0700"),
    ("egg-master.service", "ReadWritePaths", "-/etc/systemd/system/egg-my-shop.socket.d"),
    ("egg-agent.socket", "ListenDatagram", "/run/eggd-my-shop/agent.sock"),
    ("egg-agent.socket", "SocketUser", "eggd-my-shop"),
    ("egg.socket", "Service", "egg-my-shop-worker@1.service"),
]


@pytest.mark.parametrize(("name", "key", "text"), CHANGED)
def test_a_directive_names_what_belongs_to_the_application(name: str, key: str, text: str) -> None:
    """Units, user, directories and slice are those of the application."""
    generated = directives(unit_text((UNITS / name).read_text(), SHOP))
    assert any(text in value for each, value in generated if each == key)


def test_the_files_of_the_default_application_are_the_shipped_ones() -> None:
    """Nothing is generated for the package's own application."""
    text = (UNITS / "egg.socket").read_text()
    assert unit_text(text, DEFAULT) == text
