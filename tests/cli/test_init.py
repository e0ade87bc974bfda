"""`eggd init`: what it makes is whole, and what it will not do it says in one line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from eggd.cli.init import TEMPLATES, TYPES
from tests.cli.host import ROOT, Host

APPS = {"simple": "", "api": "", "plugin": "example", "framework": "example"}
"""The folder of the app in a project of each type."""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def init(host: Host, kind: str, name: str = "fruit-shop") -> Path:
    done = host.eggd("init", name, "--type", kind)
    assert (done.returncode, done.stderr) == (0, "")
    return host.home / name


@pytest.mark.parametrize("kind", TYPES)
def test_the_name_is_everywhere_and_nothing_of_the_template_is_left(host: Host, kind: str) -> None:
    project = init(host, kind)
    files = [file for file in project.rglob("*") if file.is_file()]
    texts = {file: file.read_text() for file in files}
    assert len(files) == len([f for f in (TEMPLATES / kind).rglob("*") if f.is_file()])
    left = [f for f in files if "emplate" in f"{f.relative_to(project)} {texts[f]}"]
    assert left == []
    assert 'name = "fruit-shop"' in texts[project / "pyproject.toml"]
    assert (project / ".gitignore").is_file()


@pytest.mark.parametrize("kind", TYPES)
def test_the_linters_pass(host: Host, kind: str) -> None:
    project = init(host, kind)
    for verb in (["check"], ["format", "--check"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *verb, "--quiet", "--no-cache", "."],
            cwd=project,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("kind", TYPES)
def test_the_app_loads_without_a_warning(host: Host, kind: str) -> None:
    project = init(host, kind)
    path = f"{ROOT}:{project}"
    done = host.eggd("--base", str(project / APPS[kind]), "check", PYTHONPATH=path)
    assert (done.returncode, done.stderr) == (0, "")
    assert " loads: " in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("verb", ["test", "cov"])
def test_its_tests_pass(host: Host, kind: str, verb: str) -> None:
    project = init(host, kind)
    done = host.eggd("--base", str(project), verb)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert " passed in " in done.stdout


def test_it_says_what_to_do_next(host: Host) -> None:
    text = host.eggd("init", "a shop", "--name", "shop").stdout
    assert text.startswith(
        f"created simple project shop in {host.home}/a shop: 8 files\nnext:\n  cd 'a shop'\n"
    )
    for command in ("eggd dev", "eggd test", "eggd check"):
        assert f"\n  {command} " in text


def test_here_needs_no_cd(host: Host) -> None:
    (host.home / "shop").mkdir()
    done = host.eggd("--base", str(host.home / "shop"), "init")
    assert (host.home / "shop/app/router.py").is_file()
    assert "cd " not in done.stdout


def test_a_folder_with_something_in_it_is_left_alone(host: Host) -> None:
    shop = host.home / "shop"
    (shop / ".git").mkdir(parents=True)
    (shop / "README.md").write_text("mine\n")
    done = host.eggd("init", "shop")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"error: {shop} is not empty: README.md"
        " (choose another DIR, or overwrite files with --force)\n"
    )
    assert (shop / "README.md").read_text() == "mine\n"
    assert host.eggd("init", "shop", "--force").returncode == 0
    assert "mine" not in (shop / "README.md").read_text()


def test_a_fresh_repository_is_empty(host: Host) -> None:
    (host.home / "shop/.git").mkdir(parents=True)
    assert host.eggd("init", "shop").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["a b"], "'a b' is not a valid project name (use letters, digits"),
        (
            ["json", "--type", "plugin"],
            "'json' cannot be the name of a package: 'json' is a module of Python or eggd",
        ),
        (
            ["eggd", "--type", "framework"],
            "'eggd' cannot be the name of a package: 'eggd' is a module of Python or eggd",
        ),
        (["2eggs", "--type", "plugin"], "'2eggs' is not a valid module name (choose another with"),
        (["class", "--type", "plugin"], "'class' is not a valid module name"),
        (["file"], "/file is not a directory"),
        (["file/shop"], "/file/shop: Not a directory"),
        (["shop", "--type", "sipmle"], "'sipmle' is not one of"),
    ],
)
def test_a_wrong_name_or_folder_is_one_line(host: Host, arguments: list[str], said: str) -> None:
    (host.home / "file").write_text("")
    done = host.eggd("init", *arguments)
    assert done.returncode in (1, 2)
    assert (done.stdout, done.stderr.count("\n"), said in done.stderr) == ("", 1, True), done.stderr


def test_a_project_is_its_owners_to_write_whatever_the_umask_is(host: Host) -> None:
    before = os.umask(0)
    try:
        project = init(host, "simple")
    finally:
        os.umask(before)
    open_to_all = [each for each in project.rglob("*") if each.stat().st_mode & 0o022]
    assert open_to_all == []
    assert not [file for file in project.rglob("*.py") if file.stat().st_mode & 0o111]


def test_a_file_is_not_written_through_a_link(host: Host) -> None:
    (host.home / "precious").write_text("precious")
    (host.home / "shop").mkdir()
    (host.home / "shop" / "pyproject.toml").symlink_to(host.home / "precious")
    done = host.eggd("init", "shop", "--force")
    assert done.returncode == 1
    assert "pyproject.toml: Too many levels of symbolic links" in done.stderr
    assert (host.home / "precious").read_text() == "precious"
