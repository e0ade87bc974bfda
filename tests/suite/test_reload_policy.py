"""Which files count for a reload, by a table of paths; nothing here touches a disk."""

from __future__ import annotations

import pytest

from eggd.suite.reload_policy import ReloadPolicy, within

APP = "/srv/shop"


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("app/router.py", True),
        ("app/controller/user/profile.py", True),
        ("app/controller/notes.html", True),
        ("config/config_local.py", True),
        ("mocks/users.json", True),
        ("mocks_proxy/users.json", True),
        ("app.py", True),
        # core:DEV-2: the agent is not restarted
        ("agent.py", False),
        ("logs/common-error.log", False),
        ("run/application_config.json", False),
        ("README.md", False),
        ("app.pyi", False),
        ("application/router.py", False),
        ("../shop2/app/router.py", False),
        ("app/view/home.html", False),
        ("app/views/home.html", False),
        ("app/assets/site.css", False),
        ("app/public/site.js", False),
        ("app/web/page.ts", False),
        # core:DEV-3: textual in egg, which takes these for `app/view` and `app/web`
        ("app/viewer.py", True),
        ("app/web.py", True),
        ("app/website/home.py", True),
        # what an import, a search and an editor leave
        ("app/__pycache__/router.cpython-311.pyc", False),
        ("app/router.pyc", False),
        ("app/.router.py.swp", False),
        ("app/.idea/workspace.xml", False),
        ("app/router.py~", False),
        ("app/router.tmp", False),
    ],
)
def test_the_default_paths(path: str, counts: bool) -> None:
    # core:DEV-1, DEV-2, DEV-3
    assert ReloadPolicy.of(APP).counts(f"{APP}/{path}") is counts


def test_a_folder_never_counts() -> None:
    # core:DEV-3
    assert not ReloadPolicy.of(APP).counts(f"{APP}/app/controller", is_directory=True)


def test_an_app_below_a_hidden_folder_is_watched_all_the_same() -> None:
    assert ReloadPolicy.of("/home/me/.work/shop").counts("/home/me/.work/shop/app/router.py")


@pytest.mark.parametrize(
    ("settings", "yes", "no"),
    [
        ({"watch_dirs": ["lib"]}, ["lib/a.py", "app/a.py"], ["library/a.py"]),
        ({"watch_dirs": ["../common"]}, ["../common/a.py"], ["../common2/a.py"]),
        ({"watch_dirs": ["/opt/common/"]}, ["/opt/common/a.py"], ["/opt/a.py"]),
        ({"watch_dirs": ["lib"], "override_default": True}, ["lib/a.py"], ["app/a.py", "app.py"]),
        ({"watch_dirs": ["."], "override_ignore": True}, ["a.py"], ["logs/a.log", "run/a.json"]),
        ({"ignore_dirs": ["app/io"]}, ["app/iota.py"], ["app/io/a.py", "app/view/a.html"]),
        ({"ignore_dirs": ["app/io/"], "override_ignore": True}, ["app/view/a.html"], ["app/io/a"]),
        ({"ignore_dirs": ["app/a.py"]}, ["app/b.py"], ["app/a.py"]),
        ({"reload_pattern": ["**/*.py"]}, ["app/a/b/c.py", "app.py"], ["app/a.html"]),
        ({"reload_pattern": ["app/*.py"]}, ["app/a.py"], ["app/a/b.py", "app.py"]),
        ({"reload_pattern": ["app/**"]}, ["app/a/b.html"], ["config/plugin.py"]),
        ({"reload_pattern": ["**/*.{py,html}"]}, ["app/a.py", "app/a.html"], ["app/a.js"]),
        ({"reload_pattern": ["**/?.py"]}, ["app/a.py"], ["app/ab.py"]),
        ({"reload_pattern": ["**/*.py", "!**/test_*"]}, ["app/a.py"], ["app/test_a.py"]),
        ({"reload_pattern": ["!**/*.md"]}, ["app/a.py"], ["app/a.md"]),
        ({"reload_pattern": ["**/a.b+(c"]}, ["app/a.b+(c"], ["app/aXb+(c"]),
    ],
    ids=str,
)
def test_the_config_changes_the_policy(
    settings: dict[str, list[str]], yes: list[str], no: list[str]
) -> None:
    # core:DEV-1, DEV-6
    policy = ReloadPolicy.of(APP, **settings)  # type: ignore[arg-type]
    paths = [policy_path(path) for path in (*yes, *no)]
    assert [policy.counts(path) for path in paths] == [True] * len(yes) + [False] * len(no)


def policy_path(path: str) -> str:
    if path.startswith("../"):
        return f"/srv/{path[3:]}"
    return path if path.startswith("/") else f"{APP}/{path}"


@pytest.mark.parametrize(
    ("path", "name"),
    [(f"{APP}/app/router.py", "app/router.py"), ("/opt/common/a.py", "/opt/common/a.py")],
)
def test_a_path_is_named_as_its_developer_knows_it(path: str, name: str) -> None:
    assert ReloadPolicy.of(APP).name(path) == name


@pytest.mark.parametrize(
    ("path", "folder", "inside"),
    [("/a", "/a", True), ("/a/b", "/a", True), ("/ab", "/a", False), ("/a", "/", True)],
)
def test_paths_within_a_folder(path: str, folder: str, inside: bool) -> None:
    assert within(path, folder) is inside
