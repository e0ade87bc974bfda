"""The requirements of a release, and their installation from a folder of wheels."""

from __future__ import annotations

import os
import pwd
import subprocess
import zipfile
from pathlib import Path

import pytest

from eggd.errors import ConfigError, ReleaseError
from eggd.host.release.dependencies import install, requirements

ME = pwd.getpwuid(os.geteuid())


def release(tmp_path: Path, dependencies: str = "[]", **files: str) -> Path:
    folder = tmp_path / "release"
    folder.mkdir()
    project = f'[project]\nname = "shop"\ndependencies = {dependencies}\n'
    for name, text in {"pyproject.toml": project, **files}.items():
        (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("dependencies", "needed"),
    [
        ("[]", []),
        ('["eggd"]', []),
        ('["Eggd>=0.1", "eggd[test]"]', []),
        ('["eggd", "eggd-auth", "httpx>=0.2"]', ["--", "eggd-auth", "httpx>=0.2"]),
    ],
)
def test_dependencies_of_the_project_count_without_eggd(
    tmp_path: Path, dependencies: str, needed: list[str]
) -> None:
    assert requirements(release(tmp_path, dependencies)) == needed


@pytest.mark.parametrize(("text", "counts"), [("", False), ("# one\n\n", False), ("a==1\n", True)])
def test_a_file_of_requirements_wins(tmp_path: Path, text: str, counts: bool) -> None:
    folder = release(tmp_path, '["httpx"]', **{"requirements.txt": text})
    file = ["--requirement", str(folder / "requirements.txt")]
    assert requirements(folder) == (file if counts else [])


@pytest.mark.parametrize("dependencies", ['"httpx"', "[1]", "{}"])
def test_wrong_dependencies_are_an_error(tmp_path: Path, dependencies: str) -> None:
    with pytest.raises(ConfigError, match=r"project\.dependencies must be a list of texts"):
        requirements(release(tmp_path, dependencies))


def wheel(folder: Path) -> Path:
    """Writes the wheel of a project `tinydep`; returns its folder."""
    folder.mkdir()
    about = "tinydep-1.0.dist-info"
    with zipfile.ZipFile(folder / "tinydep-1.0-py3-none-any.whl", "w") as archive:
        archive.writestr("tinydep.py", "ANSWER = 42\n")
        metadata = "Metadata-Version: 2.1\nName: tinydep\nVersion: 1.0\n"
        archive.writestr(f"{about}/METADATA", metadata)
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
    return folder


@pytest.mark.slow
def test_a_requirement_is_installed_without_a_network(tmp_path: Path) -> None:
    folder = release(tmp_path, '["eggd", "tinydep==1.0"]')
    seen: list[str] = []
    assert install(folder, ME, wheel(tmp_path / "wheels"), seen.append)
    command = [
        str(folder / ".venv/bin/python"),
        "-P",
        "-c",
        "import tinydep; print(tinydep.ANSWER)",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout == "42\n"
    settings = (folder / ".venv/pyvenv.cfg").read_text()
    assert "include-system-site-packages = true" in settings


@pytest.mark.slow
def test_a_missing_requirement_is_one_line(tmp_path: Path) -> None:
    folder = release(tmp_path, '["nowhere==1"]')
    with pytest.raises(ReleaseError, match="cannot be installed: ERROR: No matching distribution"):
        install(folder, ME, wheel(tmp_path / "wheels"), print)
