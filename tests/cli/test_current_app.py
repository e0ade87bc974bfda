"""The choice of the app that a command loads, and the notes about a surprising choice."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from tests.cli.host import ROOT, Host

pytestmark = pytest.mark.slow

FILES = {"app/router.py": "def router(app): ...\n"}


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_a_note_names_the_welcome_app(host: Host) -> None:
    done = host.eggd("check")
    assert done.stdout.startswith("welcome (prod) loads: ")
    assert done.stderr == (
        f"note: {host.home} is not an app and EGG_BASE_DIR is not set: using the welcome app\n"
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="root changes to another user")
def test_settings_that_the_user_may_not_read_are_an_error() -> None:
    """Otherwise the command would load the welcome app in place of the host's."""
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "defaults").write_text("EGG_BASE_DIR=/srv/shop\n")
        (folder / "defaults").chmod(0o600)
        # Other users may not read each checkout, nor its .venv.
        shutil.copytree(ROOT / "eggd", folder / "lib/eggd")
        done = subprocess.run(
            ["/usr/bin/python3", "-P", "-m", "eggd", "check"],
            env={"EGG_DEFAULTS": f"{folder}/defaults", "PYTHONPATH": f"{folder}/lib"},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            user=65534,
            group=65534,
            extra_groups=[],
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(
        f"error: {folder}/defaults cannot be read, so the app is not known (run the command as root"
    )


def test_a_project_without_an_app_is_an_error(host: Host) -> None:
    """`check` and `dev` agree."""
    folder = make_app(host.home / "plugin", {"eggd_plugin/plugin.toml": 'name = "plugin"\n'})
    for command in ("check", "dev"):
        done = host.eggd("--base", str(folder), command)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr == (
            f"error: {folder}: this project is not an app: it has no app/router.py, app.py or"
            " config/plugin.py (give the directory of the app, such as example)\n"
        )


def test_a_plugin_is_not_an_app(host: Host) -> None:
    folder = make_app(host.home / "plugin", {"plugin.toml": 'name = "plugin"\n', **FILES})
    done = host.eggd("--base", str(folder), "check")
    assert done.stderr.startswith(f"error: {folder}: this project is a plugin, not an app (")


def test_an_empty_environment_is_an_error(host: Host) -> None:
    done = host.eggd("check", "--env", "")
    assert done.returncode == 2
    assert "--env: must be the name of an environment, not ''" in done.stderr


def test_the_app_of_the_current_directory_precedes_the_hosts(host: Host) -> None:
    (host.home / "defaults").write_text("EGG_BASE_DIR=/srv/other\n")
    folder = make_app(host.home / "shop", FILES)
    done = host.eggd("--base", str(folder), "check")
    assert done.stdout.startswith("shop (prod) loads: ")
    assert done.stderr == f"note: using the app in {folder}, not EGG_BASE_DIR=/srv/other\n"


def test_an_app_of_the_host_below_home_is_hidden_from_its_units(host: Host) -> None:
    (host.home / "defaults").write_text("EGG_BASE_DIR=/home/anna/shop\n")
    assert host.eggd("check").stderr.splitlines() == [
        "note: /home/anna/shop is hidden from units with ProtectHome=yes",
        "error: app directory '/home/anna/shop' does not exist or cannot be read",
    ]


@pytest.mark.parametrize(
    ("base", "said"), [("nothing", "No such file or directory"), ("file", "Not a directory")]
)
def test_a_wrong_base_is_one_line(host: Host, base: str, said: str) -> None:
    (host.home / "file").write_text("")
    done = host.eggd("--base", base, "check")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: invalid value for '--base': {base}: {said} (eggd --help)\n"


@pytest.mark.parametrize("name", ["check", "test", "init", "nothing"])
def test_a_directory_that_was_removed_is_one_line(host: Host, name: str) -> None:
    (host.home / "gone").mkdir()
    argv = f"cd {host.home / 'gone'} && rmdir ../gone; {sys.executable} -P -m eggd {name}"
    done = subprocess.run(
        ["sh", "-c", argv], env=host.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode in (1, 2)
    assert (done.stderr[:7], done.stderr.count("\n")) == ("error: ", 1)
