"""Folders become namespaces; private files are skipped, clashes are errors (core:LD-*)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from eggd.errors import LoadError
from eggd.loader import members
from eggd.loader.exports import call_export
from eggd.loader.tree import Files, Member, load_tree
from eggd.testing.make_app import make_app


def tree(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    return root


def test_files_come_sorted_before_folders(tmp_path: Path) -> None:
    # core:LD-1, X-6
    root = tree(tmp_path, "b.py", "a/z.py", "c/d/e.py", "user-log.py")
    assert [member.dotted for member in members(root)] == ["b", "user_log", "a.z", "c.d.e"]


def test_private_and_foreign_files_are_no_members(tmp_path: Path) -> None:
    """`_private.py` is private, not an error (core:LD-2)."""
    root = tree(tmp_path, "_base.py", "__init__.py", "__pycache__/a.py", ".git/x.py", "note.txt")
    assert members(root) == []


def test_a_missing_folder_has_no_members(tmp_path: Path) -> None:
    assert members(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (("1a.py",), "'1a' is not a valid member name"),
        (("a b.py",), "'a b' is not a valid member name"),
        (("class.py",), "'class' is a keyword of Python and cannot be a member name"),
        (("dot.dir/a.py",), "'dot.dir' is not a valid member name"),
        (("a.b.py",), "'a.b' is not a valid member name"),
        (("user-log.py", "user_log.py"), "'user_log' is already defined by"),
        (("user.py", "user/log.py"), "lies below"),
    ],
)
def test_bad_names_are_one_line(tmp_path: Path, names: tuple[str, ...], line: str) -> None:
    # core:LD-2, LD-4, LD-12
    with pytest.raises(LoadError, match=line):
        members(tree(tmp_path, *names))


@pytest.mark.parametrize(
    ("name", "member"),
    [("user_info", "user_info"), ("user-info", "user_info"), ("userInfo", "userInfo")],
)
def test_a_name_stays_as_the_file_has_it(tmp_path: Path, name: str, member: str) -> None:
    """No case is changed, a dash becomes an underscore (docs/extends.md) (core:LD-3, LD-4)."""
    assert [m.dotted for m in members(tree(tmp_path, f"{name}.py"))] == [member]


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (Files(ignore=["skipped.py", "old/*"]), ["kept", "new.a"]),
        (Files(ignore=("*",)), []),
        (Files(match="*.yml"), ["table"]),
        (Files(match="k*"), ["kept"]),
    ],
)
def test_globs_say_which_files_count(tmp_path: Path, files: Files, names: list[str]) -> None:
    # core:LD-1
    root = tree(tmp_path, "kept.py", "skipped.py", "new/a.py", "old/a.py", "table.yml")
    assert [member.dotted for member in members(root, files)] == names


@pytest.mark.parametrize(
    ("link", "target", "line"),
    [
        ("a/again", "..", "more than 32 folders deep"),
        ("b.py", "b.py", "b.py: cannot be read: Too many levels of symbolic links"),
    ],
)
def test_a_link_to_itself_is_one_line(tmp_path: Path, link: str, target: str, line: str) -> None:
    root = tree(tmp_path, "a/x.py")
    (root / link).symlink_to(target)
    with pytest.raises(LoadError, match=line):
        members(root)


def test_a_link_is_as_good_as_what_it_leads_to(tmp_path: Path) -> None:
    """Symlinks (core:SVC-1)."""
    tree(tmp_path, "real/deep/x.py")
    root = tree(tmp_path / "root", "a.py")
    (root / "linked").symlink_to("../real")
    assert [member.dotted for member in members(root)] == ["a", "linked.deep.x"]


def loaded(root: Path, texts: Mapping[str, str], files: Files = Files()) -> Any:  # noqa: B008
    make_app(root, texts)
    return load_tree([("one", root / "one"), ("two", root / "two")], files)


def test_units_merge_into_one_tree(tmp_path: Path) -> None:
    """Several directories, the later ones after (core:LD-1)."""
    made = loaded(
        tmp_path,
        {
            "one/a/x.py": "class X: name = 'one'\n",
            "two/a/y.py": "class Y: name = 'two'\n",
            "two/z.py": "class Z: name = 'two'\n",
        },
    )
    assert (made["a"]["x"].name, made["a"]["y"].name, made["z"].name) == ("one", "two", "two")


@pytest.mark.parametrize(
    ("first", "second"),
    [("a.py", "a.py"), ("a.py", "a/b.py"), ("a.py", "a/b/c.py"), ("a/b.py", "a.py")],
)
@pytest.mark.parametrize("override", [False, True])
def test_two_units_may_not_mean_one_name(
    tmp_path: Path, first: str, second: str, override: bool
) -> None:
    """A file and a folder not even where overriding is on (core:LD-4, LD-12, SVC-1)."""
    files = {f"one/{first}": "class A: n = 1\n", f"two/{second}": "class A: n = 2\n"}
    if override and first == second:
        assert loaded(tmp_path, files, Files(override=True))["a"].n == 2
        return
    with pytest.raises(LoadError) as caught:
        loaded(tmp_path, files, Files(override=override))
    assert re.search(rf"two/{second}: cannot replace '.*' of .*one/{first}", caught.value.line)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("class A:\n    n = 'class'\n", "class"),
        ("from json import JSONDecoder\n\n\nclass A:\n    n = 'own'\n", "own"),
        ("class _Part:\n    pass\n\n\nclass A:\n    n = 'public'\n", "public"),
        ("n = 'module'\n", "module"),
        ("def other(): pass\nn = 'module with functions'\n", "module with functions"),
        ("def thing(app): pass\nthing.n = 'function'\n", "function"),
    ],
)
def test_a_file_exports_its_class_its_function_or_itself(
    tmp_path: Path, text: str, found: str
) -> None:
    """Egg's object is a Python module here (core:LD-11, LD-13)."""
    assert loaded(tmp_path, {"one/thing.py": text})["thing"].n == found


def test_nothing_and_what_the_filter_refuses_are_no_members(tmp_path: Path) -> None:
    # core:LD-5
    texts = {"one/empty.py": "", "one/imports.py": "import os\n", "one/a.py": "n = 1\n"}
    assert list(loaded(tmp_path, texts)) == ["a"]
    assert loaded(tmp_path, texts, Files(filter=lambda value: value.n > 1)) == {}


def test_a_file_that_is_not_python_is_loaded_as_bytes(tmp_path: Path) -> None:
    """And the initializer makes something of them (core:LD-7)."""

    def lines(value: bytes, member: Member) -> tuple[str, list[bytes]]:
        return member.dotted, value.split()

    made = loaded(tmp_path, {"one/a/t.yml": "x y\n"}, Files(match="*.yml", initializer=lines))
    assert made == {"a": {"t": ("a.t", [b"x", b"y"])}}


def test_two_public_classes_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(LoadError, match=r"a.py: must define one public class, found A, B"):
        loaded(tmp_path, {"one/a.py": "class A: pass\nclass B: pass\n"})


def plain(app: object) -> object:
    return app


async def waiting(app: object) -> object:
    return app


def test_only_a_plain_function_is_called(tmp_path: Path) -> None:
    """A function that returns None is itself the export (core:LD-6)."""
    assert call_export(plain, tmp_path, "app") == "app"
    assert call_export(plain, tmp_path, None) is plain
    assert call_export(waiting, tmp_path, "app") is waiting
    assert call_export(Path, tmp_path, "app") is Path
    with pytest.raises(LoadError, match=r"plain\(\) failed: TypeError"):
        call_export(plain, tmp_path)
