"""Conditions under which two processes run the same application."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from eggd import credential
from eggd.config import credentials
from eggd.config.credentials import Places, config_files_read
from eggd.config.sources import AppInfo
from eggd.identityfile import agent_differs, write
from eggd.importer import import_file
from eggd.process.digest import KEY, credential_digest
from eggd.process.identity import identity
from eggd.suite.identity import Identity, mixture

HOME = Path("/root")
BASE = {"base_dir": "/srv/shop", "name": "shop", "env": "prod", "settings": "5f", "code": "91"}


def of(base_dir: Path, environ: Mapping[str, str] | None = None, **more: str) -> Identity:
    info = AppInfo(
        name=more.get("name", "shop"),
        base_dir=base_dir,
        env=more.get("env", "prod"),
        scope=more.get("scope", ""),
        home=HOME,
        root=HOME,
    )
    return identity(info, environ or {}, [], credentials=more.get("credentials", ""))


def test_only_imported_files_and_packages_of_the_app_count(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text("size = 1\n")
    import_file(file, "shop")
    first = of(tmp_path)
    (tmp_path / "other.py").write_text("size = 1\n")
    assert of(tmp_path) == first
    file.write_text("size = 2\n")
    second = of(tmp_path)
    assert second.code != first.code
    packages = tmp_path / ".venv/lib/python3.11/site-packages"
    (packages / "redis-5.0.dist-info").mkdir(parents=True)
    assert of(tmp_path).code != second.code


@pytest.mark.parametrize(
    "change",
    [
        {"environ": {"EGG_APP_CONFIG": "{}"}},
        {"environ": {"EGG_PLUGINS": "{}"}},
        {"scope": "eu"},
        {"name": "store"},
        {"env": "staging"},
    ],
    ids=str,
)
def test_the_identity_covers_the_sources_of_the_config(
    tmp_path: Path, change: dict[str, object]
) -> None:
    same = of(tmp_path, {"LANG": "C", "EGG_LOG": "DEBUG"})
    assert same.application == of(tmp_path).application
    assert of(tmp_path, **change).application != same.application  # type: ignore[arg-type]


def test_a_link_stands_for_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "release-1").mkdir()
    (tmp_path / "current").symlink_to("release-1")
    assert of(tmp_path / "current") == of(tmp_path / "release-1")


def one(pid: int, **more: str) -> Identity:
    return Identity(pid=pid, **{**BASE, **more})


MIXTURES = {
    "all the same": (one(1), {1: one(2), 2: one(3)}, ""),
    "no identity known": (None, {}, ""),
    "the agent imports other files": (one(1, code="00"), {1: one(2)}, ""),
    "code": (
        one(1),
        {1: one(2), 2: one(3, code="00"), 3: one(4)},
        "workers run different code: worker 1, worker 3; worker 2",
    ),
    "an agent that was left behind": (
        one(1, base_dir="/srv/old", name="old"),
        {1: one(2), 2: one(3)},
        (
            "2 applications are mixed: agent: old (prod) in /srv/old;"
            " worker 1, worker 2: shop (prod) in /srv/shop"
        ),
    ),
    "environment, without an agent": (
        None,
        {1: one(2), 2: one(3, env="local")},
        (
            "2 applications are mixed: worker 1: shop (prod) in /srv/shop;"
            " worker 2: shop (local) in /srv/shop"
        ),
    ),
    "settings": (
        one(1),
        {1: one(2, settings="77")},
        (
            "2 applications are mixed: agent: shop (prod) in /srv/shop, settings 5f;"
            " worker 1: shop (prod) in /srv/shop, settings 77"
        ),
    ),
}


@pytest.mark.parametrize(("agent", "workers", "said"), MIXTURES.values(), ids=MIXTURES)
def test_a_mixture_is_one_line(
    agent: Identity | None, workers: dict[int, Identity], said: str
) -> None:
    assert mixture(agent, workers) == said


def test_an_agent_without_a_recorded_identity_is_left_alone(tmp_path: Path) -> None:
    assert agent_differs(tmp_path, 0, 0) == ""


def test_an_agent_whose_unit_has_changed_is_replaced(tmp_path: Path) -> None:
    """Unknown digests, of an older eggd or of a directory that cannot be read, replace nothing."""
    write(tmp_path / "agent.app", one(1, unit="a1"))
    write(tmp_path / "worker-0.app", one(2))
    assert [agent_differs(tmp_path, 1, 2, unit) for unit in ("a1", "", "b2")] == [
        "",
        "",
        "the files of its unit have changed",
    ]
    write(tmp_path / "agent.app", one(1))
    assert agent_differs(tmp_path, 1, 2, "b2") == ""


def test_a_changed_credential_is_another_identity_and_cannot_be_guessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(credentials, "_lookup", credentials._Lookup())
    runs = [tmp_path / "one", tmp_path / "two"]
    digests = []
    for value, rundir in (("a", runs[0]), ("a", runs[0]), ("b", runs[0]), ("a", runs[1])):
        rundir.mkdir(exist_ok=True)
        with config_files_read(Places(environ={"EGG_CREDENTIAL_X": value})):
            credential("x")
        digests.append(credential_digest(rundir))
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3
    assert (runs[0] / KEY).stat().st_mode & 0o777 == 0o600
    assert [each.name for each in runs[0].iterdir()] == [KEY]
    first, other = (of(tmp_path, credentials=digest) for digest in digests[1:3])
    assert first.settings != other.settings
