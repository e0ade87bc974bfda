"""The names of an application's units, user and directories."""

from __future__ import annotations

import pytest

from eggd.errors import ArgumentError
from eggd.suite.names import DEFAULT, SuiteNames, application_name

SHOP = SuiteNames("shop")


def test_the_default_application_has_the_names_of_the_shipped_units() -> None:
    """Without EGG_APP the units, user and directories are those of the package."""
    names = SuiteNames.chosen({})
    assert names == DEFAULT
    assert names.unit_files == (
        *("egg-master.service", "egg.socket", "egg-agent.socket"),
        *("egg-agent.service", "egg-worker@.service"),
    )
    assert (names.user, names.runtime, names.logs) == (
        *("eggd", "/run/eggd"),
        "/var/log/eggd",
    )
    assert names.command("scale 2") == "eggd scale 2"


def test_a_named_application_has_names_of_its_own() -> None:
    """EGG_APP=shop gives each unit, the user and each directory the name of the application."""
    names = SuiteNames.chosen({"EGG_APP": "shop"})
    assert names.unit_files == (
        *("egg-shop-master.service", "egg-shop.socket", "egg-shop-agent.socket"),
        *("egg-shop-agent.service", "egg-shop-worker@.service"),
    )
    assert (names.user, names.defaults, names.state) == (
        *("eggd-shop", "/etc/default/eggd-shop"),
        "/var/lib/eggd-shop",
    )
    assert names.lock_directory == "/run/egg-shop-master"
    assert names.drop_ins == "/etc/systemd/system/egg-shop.socket.d"
    assert names.command("scale 2") == "eggd --app shop scale 2"


@pytest.mark.parametrize(
    ("names", "unit", "slot"),
    [
        (DEFAULT, "egg-worker@7.service", 7),
        (DEFAULT, "egg-worker@0.service", 0),
        (DEFAULT, "egg-worker@999.service", 999),
        (DEFAULT, "egg-worker@1000.service", None),
        (DEFAULT, "egg-worker@07.service", None),
        (DEFAULT, "egg-worker@-1.service", None),
        (DEFAULT, "egg-worker@x.service", None),
        (DEFAULT, "egg-worker@².service", None),
        (DEFAULT, "egg-worker@.service", None),
        (DEFAULT, "egg-worker@7.socket", None),
        (DEFAULT, "egg-shop-worker@7.service", None),
        (SHOP, "egg-shop-worker@7.service", 7),
        (SHOP, "egg-worker@7.service", None),
    ],
)
def test_the_slot_is_in_the_name_of_a_worker(
    names: SuiteNames, unit: str, slot: int | None
) -> None:
    """Only a worker of this application has a slot, from 0 to 999 without leading zeros."""
    assert names.slot(unit) == slot


def test_workers_are_sorted_by_slot() -> None:
    """Instances without a slot come last; other units are left out."""
    units = ["egg-shop-worker@10.service", "egg-shop-worker@x.service", "egg-shop.socket"]
    units += ["egg-worker@3.service", "egg-shop-worker@2.service"]
    assert SHOP.workers_among(units) == (
        *("egg-shop-worker@2.service", "egg-shop-worker@10.service"),
        "egg-shop-worker@x.service",
    )
    assert SHOP.slots(units) == {2, 10}


@pytest.mark.parametrize(
    "name",
    ["", "Shop", "1shop", "-shop", "shop-", "my--shop", "my_shop", "shöp", "a" * 25, "shop\n"],
)
def test_a_malformed_name_is_refused(name: str) -> None:
    """A name has lower-case letters, digits and single dashes, 24 at most."""
    with pytest.raises(ArgumentError, match="cannot be the name") as caught:
        application_name(name)
    assert "use lower-case letters" in caught.value.hint


@pytest.mark.parametrize("name", ["agent", "master", "worker", "default", "x-agent", "a-worker"])
def test_a_name_that_would_be_a_unit_of_another_is_refused(name: str) -> None:
    """The listener of x-agent would be the inbox of x."""
    with pytest.raises(ArgumentError, match="are eggd's"):
        application_name(name)


@pytest.mark.parametrize("name", ["s", "shop", "my-shop-2", "agents", "a" * 24])
def test_a_name_is_returned(name: str) -> None:
    """The user of the longest name has 29 letters; 32 are the most."""
    assert application_name(name) == name
    assert len(SuiteNames(name).user) < 32


def test_default_is_the_title_of_the_packages_own_application() -> None:
    """EGG_APP=default selects it, and its slice has that name."""
    assert SuiteNames.chosen({"EGG_APP": "default"}) == DEFAULT
    assert (DEFAULT.title, DEFAULT.slice) == ("default", "egg-default.slice")
    assert (SHOP.title, SuiteNames("my-shop").slice) == ("shop", "egg-my_shop.slice")
