"""A release takes files from a folder or an archive, and refuses those that are not safe."""

from __future__ import annotations

import io
import os
import resource
import socket
import stat
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from eggd.errors import EggError, ReleaseError
from eggd.host.release import build, unpack
from eggd.host.release.entries import check_link, parts_of
from eggd.host.release.owner import own

PROJECT = '[project]\nname = "shop"\n'
Write = Callable[[Path, dict[str, str]], None]


def tarred(mode: str) -> Write:
    def write(path: Path, files: dict[str, str]) -> None:
        with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
            for name, text in files.items():
                tar.addfile(*member(name, text))

    return write


def member(name: str, text: str, **fields: object) -> tuple[tarfile.TarInfo, io.BytesIO]:
    info, data = tarfile.TarInfo(name), text.encode()
    info.size, info.mode = len(data), 0o600
    for key, value in fields.items():
        setattr(info, key, value)
    return info, io.BytesIO(data)


def zstd(path: Path, files: dict[str, str]) -> None:
    plain = path.with_suffix(".plain")
    tarred("w")(plain, files)
    subprocess.run(["zstd", "-q", "--rm", str(plain), "-o", str(path)], check=True)


def zipped(path: Path, files: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)


FORMATS = {
    "tar": tarred("w"),
    "tar.gz": tarred("w:gz"),
    "tar.xz": tarred("w:xz"),
    "tar.bz2": tarred("w:bz2"),
    "tar.zst": zstd,
    "zip": zipped,
}


def copied(source: Path, tmp_path: Path) -> dict[str, str]:
    """Returns the files of a release of `source`."""
    target = tmp_path / "release"
    build.copy(source, target)
    files = (path for path in target.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(target)): path.read_text() for path in files}


def test_a_full_disk_names_the_release(tmp_path: Path) -> None:
    """The error of write(2) has no name; the limit of file sizes stands for the disk."""
    source = tmp_path / "shop"
    source.mkdir()
    for name, text in {"pyproject.toml": PROJECT, "data": "x" * 5000}.items():
        (source / name).write_text(text)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="File too large") as error:
            build.copy(source, tmp_path / "release")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert error.value.filename == str(tmp_path / "release")


@pytest.mark.parametrize("top", ["", "./", "shop-1.0/"])
@pytest.mark.parametrize("kind", FORMATS)
def test_an_archive_of_each_format_becomes_a_release(tmp_path: Path, kind: str, top: str) -> None:
    if kind == "tar.zst":
        pytest.importorskip("zstandard")
    archive = tmp_path / "shop"  # the content decides, not the name
    files = {"pyproject.toml": PROJECT, "app/router.py": "pass", "logs/web.log": "old"}
    FORMATS[kind](archive, {top + name: text for name, text in files.items()})
    assert copied(archive, tmp_path) == {"pyproject.toml": PROJECT, "app/router.py": "pass"}


def test_a_folder_is_copied_without_secrets_environments_and_caches(tmp_path: Path) -> None:
    source = tmp_path / "shop"
    left_out = [".git/HEAD", ".venv/pyvenv.cfg", ".credentials/key", "logs/a.log", "run/x"]
    for name in [*left_out, "app/__pycache__/a.pyc", "app/run/fast.py", "pyproject.toml"]:
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(PROJECT)
    assert set(copied(source, tmp_path)) == {"app/run/fast.py", "pyproject.toml"}


def test_all_may_read_a_release_and_only_root_may_write(tmp_path: Path) -> None:
    source = tmp_path / "shop"
    source.mkdir()
    (source / "pyproject.toml").write_text(PROJECT)
    (source / "tool").write_text("#!/bin/sh\n")
    (source / "tool").chmod(0o4700)
    (source / "link").symlink_to("tool")
    copied(source, tmp_path)
    about = {path.name: path.lstat() for path in (tmp_path / "release").iterdir()}
    modes = {name: stat.S_IMODE(each.st_mode) for name, each in about.items() if name != "link"}
    assert modes == {"pyproject.toml": 0o644, "tool": 0o755}
    assert {each.st_uid for each in about.values()} == {os.geteuid()}
    assert (tmp_path / "release/link").readlink() == Path("tool")


BAD_PATHS = ["/etc/passwd", "../outside", "app/../../outside", "a\0b"]


@pytest.mark.parametrize("path", BAD_PATHS)
def test_a_path_that_leads_out_is_refused(path: str) -> None:
    with pytest.raises(ReleaseError, match="leads out of the release"):
        parts_of(path)


@pytest.mark.parametrize(
    ("path", "target", "inside"),
    [
        ("link", "app/router.py", True),
        ("app/link", "../config", True),
        ("app/a/link", "../../config", True),
        ("link", "../x", False),
        ("app/link", "../../x", False),
        ("link", "/etc/passwd", False),
        ("link", "", False),
        # `app` may itself be a link to a place higher up, so these are not decided by their text.
        ("link", "app/../x", False),
        ("app/link", "../up/../../x", False),
    ],
)
def test_a_link_must_show_that_it_stays_inside(path: str, target: str, inside: bool) -> None:
    parts = parts_of(path)
    if inside:
        check_link(parts, target)
        return
    with pytest.raises(ReleaseError, match="may lead out of the release"):
        check_link(parts, target)


def through_a_link(tar: tarfile.TarFile) -> None:
    """A link to a place outside, then a file behind it."""
    tar.addfile(*member("out", "", type=tarfile.SYMTYPE, linkname="/tmp"))
    tar.addfile(*member("out/planted", "x"))


def behind_a_good_link(tar: tarfile.TarFile) -> None:
    tar.addfile(*member("app", "", type=tarfile.SYMTYPE, linkname="config"))
    tar.addfile(*member("app/router.py", "x"))


def device(tar: tarfile.TarFile) -> None:
    tar.addfile(*member("zero", "", type=tarfile.CHRTYPE, devmajor=1, devminor=5))


def fifo(tar: tarfile.TarFile) -> None:
    tar.addfile(*member("pipe", "", type=tarfile.FIFOTYPE))


def hard_link(tar: tarfile.TarFile) -> None:
    tar.addfile(*member("shadow", "", type=tarfile.LNKTYPE, linkname="/etc/shadow"))


def late_hard_link(tar: tarfile.TarFile) -> None:
    tar.addfile(*member("copy", "", type=tarfile.LNKTYPE, linkname="later"))


def twice(tar: tarfile.TarFile) -> None:
    tar.addfile(*member("pyproject.toml", "again"))


def below_a_file(tar: tarfile.TarFile) -> None:
    tar.addfile(*member("pyproject.toml/x", "y"))


def beside_the_top(tar: tarfile.TarFile) -> None:
    """A link that leaves the release only once its directory has become the release."""
    tar.addfile(*member("app/up", "", type=tarfile.SYMTYPE, linkname="../../current"))


@pytest.mark.parametrize(
    ("add", "line"),
    [
        (through_a_link, "two files have this path|leads? out of the release"),
        (behind_a_good_link, "app: two files have this path"),
        (device, "'zero': is neither a file, a directory nor a link"),
        (fifo, "'pipe': is neither a file, a directory nor a link"),
        (hard_link, "'/etc/shadow': the path leads out of the release"),
        (late_hard_link, "'later' does not precede its hard link"),
        (twice, "pyproject.toml: two files have this path"),
        (below_a_file, "pyproject.toml/x: two files have this path"),
        (beside_the_top, "may lead out of the release"),
    ],
)
def test_an_archive_that_is_not_safe_is_refused(
    tmp_path: Path, add: Callable[[tarfile.TarFile], None], line: str
) -> None:
    archive = tmp_path / "shop.tar"
    with tarfile.open(archive, "w") as tar:
        tar.addfile(*member("pyproject.toml", PROJECT))
        add(tar)
    with pytest.raises(ReleaseError, match=line):
        copied(archive, tmp_path)
    outside = {path.name for path in tmp_path.iterdir()} - {"release", "shop.tar"}
    assert outside == set()


def test_a_hard_link_repeats_the_earlier_file(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "shop.tar", "w") as tar:
        tar.addfile(*member("pyproject.toml", PROJECT))
        tar.addfile(*member("copy", "", type=tarfile.LNKTYPE, linkname="pyproject.toml"))
    assert copied(tmp_path / "shop.tar", tmp_path)["copy"] == PROJECT


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "is empty"),
        (b"not an archive", "cannot be read as an archive: unknown format"),
        (b"\x1f\x8b\x08\x00broken", "cannot be read as an archive"),
        (b"PK\x05\x06" + b"\0" * 18, "pyproject.toml is missing"),
    ],
)
def test_a_wrong_archive_is_one_line(tmp_path: Path, content: bytes, line: str) -> None:
    (tmp_path / "shop").write_bytes(content)
    with pytest.raises(EggError, match=line):
        copied(tmp_path / "shop", tmp_path)


@pytest.mark.parametrize("missing", [8, 20_000])
def test_a_truncated_archive_is_refused(tmp_path: Path, missing: int) -> None:
    """Also where only the checksum is missing, and every file seems to be there."""
    FORMATS["tar.gz"](
        tmp_path / "whole", {"pyproject.toml": PROJECT, "a": os.urandom(20_000).hex()}
    )
    (tmp_path / "shop").write_bytes((tmp_path / "whole").read_bytes()[:-missing])
    with pytest.raises(ReleaseError, match="cannot be read as an archive"):
        copied(tmp_path / "shop", tmp_path)


@pytest.mark.parametrize(("limit", "value"), [("MOST_BYTES", 1000), ("MOST_FILES", 2)])
def test_files_are_bounded_by_what_is_written(
    tmp_path: Path, limit: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, limit, value)
    FORMATS["tar.gz"](tmp_path / "bomb", {"pyproject.toml": PROJECT, "a": "0" * 999, "b": ""})
    with pytest.raises(ReleaseError, match="more than"):
        copied(tmp_path / "bomb", tmp_path)


def test_a_zip_keeps_links_and_execution_and_refuses_others(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "shop.zip", "w") as archive:
        for name, mode, text in [
            ("pyproject.toml", stat.S_IFREG | 0o644, PROJECT),
            ("tool", stat.S_IFREG | 0o700, "#!/bin/sh\n"),
            ("link", stat.S_IFLNK | 0o777, "tool"),
        ]:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            archive.writestr(info, text)
    copied(tmp_path / "shop.zip", tmp_path)
    release = tmp_path / "release"
    assert release.joinpath("link").readlink() == Path("tool")
    assert stat.S_IMODE(release.joinpath("tool").stat().st_mode) == 0o755


def test_a_folder_with_a_socket_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "shop"
    source.mkdir()
    (source / "pyproject.toml").write_text(PROJECT)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.bind(str(source / "sock"))
        with pytest.raises(ReleaseError, match="sock: is neither a file"):
            copied(source, tmp_path)


@pytest.mark.parametrize(
    ("source", "line"),
    [("missing", "is neither a directory nor an archive"), ("empty", "pyproject.toml is missing")],
)
def test_a_wrong_source_is_one_line(tmp_path: Path, source: str, line: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(EggError, match=line):
        copied(tmp_path / source, tmp_path)


def test_a_folder_that_contains_the_releases_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    with pytest.raises(EggError, match="contains the releases of this host"):
        copied(tmp_path, tmp_path)


def test_a_file_with_a_second_name_is_not_given_to_root(tmp_path: Path) -> None:
    """A hard link could stand for a file of the service outside the release."""
    (tmp_path / "outside").write_text("log")
    (tmp_path / "release").mkdir()
    os.link(tmp_path / "outside", tmp_path / "release/inside")
    with pytest.raises(ReleaseError, match="inside: is not a plain file with one name"):
        own(tmp_path / "release")
