"""Code besides `app` and `config` that an app may import, links included; on real folders."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.sourcefolders import sources
from eggd.suite.reload_policy import ReloadPolicy
from eggd.testing.make_app import make_app

FILES = {
    "app/router.py": "",
    "agent.py": "",
    "lib/db/pool.py": "",
    "data/notes.txt": "",
    "tests/test_a.py": "",
    "node_modules/a/setup.py": "",
    "env/pyvenv.cfg": "",
    "env/lib/site.py": "",
    ".venv/lib/site.py": "",
    "logs/a.py": "",
}


def found(app: Path) -> list[str]:
    roots = ReloadPolicy.of(str(app)).roots
    return [path.replace(f"{app.parent}/", "") for path in sources(str(app), roots)]


def test_folders_with_code_and_files_beside_app(tmp_path: Path) -> None:
    """And more than Egg, whose users list each folder in `watchDirs` (core:DEV-1)."""
    app = make_app(tmp_path / "shop", FILES)
    assert found(app) == ["shop/agent.py", "shop/lib"]


def test_links_are_followed_where_they_lead(tmp_path: Path) -> None:
    app = make_app(tmp_path / "shop", FILES)
    make_app(tmp_path / "common", {"money/tax.py": "", "one.py": "", "deep/two.py": ""})
    (app / "app/money").symlink_to(tmp_path / "common/money")
    (app / "app/one.py").symlink_to(tmp_path / "common/one.py")
    (app / "shared").symlink_to(tmp_path / "common")
    (app / "lib/again").symlink_to(app / "lib")
    assert found(app) == ["common", "common/money", "common/one.py", "shop/agent.py", "shop/lib"]


def test_a_link_to_itself_is_no_folder(tmp_path: Path) -> None:
    """`DirEntry.is_dir` raises ELOOP for it: `eggd dev` waited for ever."""
    app = make_app(tmp_path / "shop", FILES)
    for name in ("app/loop", "lib/loop", "loop", "loop.py", "app/loop.py"):
        (app / name).symlink_to(Path(name).name)
    assert found(app) == ["shop/agent.py", "shop/lib"]


def test_an_app_behind_a_link_has_its_real_files(tmp_path: Path) -> None:
    app = make_app(tmp_path / "releases/1", {"app/router.py": "", "app.py": "", "agent.py": ""})
    (tmp_path / "current").symlink_to(app)
    paths = found(tmp_path / "current")
    assert paths == ["current/agent.py", "releases/1/agent.py", "releases/1/app.py"]


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("lib/db/pool.py", True),
        ("lib/db/pool.sqlite", False),
        ("lib/__pycache__/a.py", False),
        ("agent.py", True),
        ("agents.py", False),
        ("app/a.html", True),
    ],
)
def test_only_code_of_a_source_counts(path: str, counts: bool) -> None:
    policy = ReloadPolicy.of("/srv/shop").with_sources(["/srv/shop/lib", "/srv/shop/agent.py"])
    assert policy.counts(f"/srv/shop/{path}") is counts


@pytest.mark.parametrize(
    ("reason", "agent"),
    [
        ("app/router.py modified", False),
        ("app.py created", False),
        ("mocks appeared", False),
        ("app/extend/agent_local.py modified", True),
        ("agent.py modified", True),
        ("application/a.py modified", True),
        ("lib/db.py modified", True),
        ("config/plugin.py", True),
        ("/srv/common/a.py modified", True),
    ],
)
def test_a_reason_concerns_the_agent_if_it_loaded_the_file(reason: str, agent: bool) -> None:
    assert ReloadPolicy.of("/srv/shop").of_agent(reason) is agent
