"""The table of plugins: definitions, requirements and errors."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from eggd.config.sources import AppInfo
from eggd.errors import EggError
from eggd.loader.plugins import PluginTable, load_plugins
from eggd.loader.unit import LoadUnit
from eggd.testing.make_app import make_app


class Site:
    """A framework and an app below one folder, with plugins in `app/lib`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environ: dict[str, str] = {}
        self.given: dict[str, object] = {}
        make_app(root / "app", {})
        make_app(root / "base", {})

    def plugin(self, name: str, toml: str = "") -> None:
        make_app(self.root / "app/lib" / name, {"plugin.toml": f'name = "{name}"\n{toml}'})

    def app(self, text: str, file: str = "plugin.py") -> None:
        make_app(self.root / "app", {f"config/{file}": text})

    def base(self, text: str, file: str = "plugin.py") -> None:
        make_app(self.root / "base", {f"config/{file}": text})

    def load(self, env: str = "prod", scope: str = "") -> PluginTable:
        root = self.root / "app"
        info = AppInfo(name="app", base_dir=root, env=env, scope=scope, home=root, root=root)
        units = [LoadUnit("base", "framework", self.root / "base"), LoadUnit("app", "app", root)]
        return load_plugins(units, info, self.environ, self.given)

    def names(self, env: str = "prod", scope: str = "") -> str:
        return " ".join(plugin.name for plugin in self.load(env, scope).order)

    def error(self) -> str:
        with pytest.raises(EggError) as caught:
            self.load()
        return caught.value.line.replace(str(self.root), "")


@pytest.fixture
def site(tmp_path: Path) -> Site:
    made = Site(tmp_path)
    for name in "abc":
        made.plugin(name)
    return made


A = 'a = {"path": "lib/a"}\n'
B = 'b = {"path": "lib/b"}\n'


def test_no_plugin_is_fine(site: Site) -> None:
    # core:PLG-18
    table = site.load()
    assert (list(table.order), dict(table.all), table.units) == ([], {}, [])


ENTRIES = {
    'a = {"path": "lib/a"}': "a",
    'a = {"path": "lib/a", "enable": False}': "",
    'a = {"path": "lib/a", "enable": True, "env": []}': "a",
    "a = False": "",
    'from pathlib import Path\na = {"path": Path("lib/a"), "package": None}': "a",
    "_a = 5": "",
}


@pytest.mark.parametrize(("text", "names"), ENTRIES.items())
def test_an_entry_is_a_dict_or_a_switch(site: Site, text: str, names: str) -> None:
    # core:PLG-1
    site.app(text)
    assert site.names() == names


@pytest.mark.parametrize(
    ("env", "scope", "names"),
    [
        ("local", "", "a"),
        ("prod", "", "b"),
        ("prod", "eu", "b c"),
        ("local", "eu", "a b c"),
        ("default", "eu", "a b c"),
    ],
)
def test_files_by_environment_and_scope(site: Site, env: str, scope: str, names: str) -> None:
    # core:PLG-2
    site.app(A + B + "b['enable'] = False", "plugin_default.py")
    site.app("a = False\nb = True", "plugin_prod.py")
    site.app('b = True\nc = {"path": "lib/c"}', "plugin_eu.py")
    assert site.names(env, scope) == names


def test_a_file_that_would_not_be_read_is_an_error(site: Site) -> None:
    # core:PLG-2
    site.app(A)
    site.app(B, "plugin_default.py")
    assert site.error() == (
        "/app/config/plugin.py: has no effect beside plugin_default.py (keep one of them)"
    )


def test_framework_then_app_then_variable_then_option(site: Site) -> None:
    # core:PLG-3, PLG-6, FW-4, FW-5
    site.base('a = {"path": "../app/lib/a"}\nb = {"path": "../app/lib/b"}')
    site.app("a = False")
    assert site.names() == "b"
    assert Path(site.load().all["a"].origin) == site.root / "app/config/plugin.py"
    site.environ["EGG_PLUGINS"] = json.dumps({"a": True, "b": False, "c": {"path": "lib/c"}})
    assert (site.names(), site.load().all["a"].origin) == ("a c", "EGG_PLUGINS")
    site.given["c"] = False
    assert (site.names(), site.load().all["c"].origin) == ("a", "options.plugins")


def test_fields_merge_one_by_one(site: Site) -> None:
    # core:PLG-3
    site.base('a = {"path": "../app/lib/a", "dependencies": ["b"]}\nb = {"path": "../app/lib/b"}')
    site.app('a = {"dependencies": [], "env": ["prod"], "path": None}')
    a = site.load().all["a"]
    assert (a.dependencies, a.env, a.root) == (["b"], ["prod"], site.root / "app/lib/a")


def test_a_new_place_replaces_the_old(site: Site) -> None:
    # core:PLG-4
    site.base('a = {"package": "nowhere"}')
    site.app(A)
    assert (site.load().all["a"].package, site.names()) == ("", "a")
    site.environ["EGG_PLUGINS"] = '{"a": {"package": "eggd.plugins.watcher"}}'
    a = site.load().all["a"]
    assert a.package == "eggd.plugins.watcher"
    assert a.root is not None
    assert a.root.name == "watcher"


def test_the_same_package_again_is_a_warning(site: Site) -> None:
    # core:PLG-5, FW-5
    site.base('watcher = {"package": "eggd.plugins.watcher"}')
    site.app('watcher = {"package": "eggd.plugins.watcher"}')
    [warning] = site.load().warnings
    assert warning.replace(str(site.root), "") == (
        "plugin watcher of package 'eggd.plugins.watcher' is defined by /base/config/plugin.py,"
        " and again by /app/config/plugin.py"
    )


def test_a_linked_folder_is_its_real_one(site: Site) -> None:
    # core:PLG-22
    (site.root / "app/link").symlink_to("lib/a")
    site.app('a = {"path": "link"}')
    assert site.load().order[0].root == site.root / "app/lib/a"


def test_plugin_toml_fills_in_what_the_app_left_open(site: Site) -> None:
    # core:PLG-10, PLG-11
    toml = 'version = "1.2"\ndependencies = ["b"]\noptional_dependencies = ["c"]\nenv = ["prod"]'
    site.plugin("a", toml)
    site.app(A + B + 'c = {"path": "lib/c", "optional_dependencies": ["b"]}')
    a = site.load().all["a"]
    assert (a.version, a.env) == ("1.2", ["prod"])
    assert (a.dependencies, a.optional_dependencies) == (["b"], ["c"])


def test_the_app_wins_over_plugin_toml(site: Site) -> None:
    # core:PLG-10
    site.plugin("a", 'dependencies = ["b"]\nenv = ["local"]')
    site.app('a = {"path": "lib/a", "dependencies": ["c"], "env": ["prod"]}\nc = {"path": "lib/c"}')
    assert site.names() == "c a"


@pytest.mark.parametrize(
    ("toml", "warning"),
    [
        ('name = "a"', ""),
        ('name = "x"\nstrict = false', ""),
        ('name = "x"', "plugin a is called x in its plugin.toml"),
        (None, "plugin a: plugin.toml is missing in"),
    ],
)
def test_a_wrong_or_missing_name_is_a_warning(site: Site, toml: str | None, warning: str) -> None:
    # core:PLG-10
    file = site.root / "app/lib/a/plugin.toml"
    file.unlink()
    if toml is not None:
        file.write_text(toml)
    site.app(A)
    assert warning in "".join(site.load().warnings)
    assert bool(warning) == bool(site.load().warnings)


def test_a_plugin_of_another_environment_is_left_out(site: Site) -> None:
    # core:PLG-12
    site.app('a = {"path": "lib/a", "env": ["local", "unittest"]}')
    assert site.names("local") == "a"
    table = site.load("prod")
    assert (list(table.order), table.all["a"].enable) == ([], False)
    assert list(table.notes) == [
        "Plugin a is disabled: it is for env local, unittest, and this is prod"
    ]


def test_a_dependency_of_another_environment_is_missing(site: Site) -> None:
    # core:PLG-12
    site.app('a = {"path": "lib/a", "env": ["local"]}\nb = {"path": "lib/b"}\n')
    site.plugin("b", 'dependencies = ["a"]')
    assert site.error() == (
        "plugin 'a' is required by b, but is disabled or not declared"
        " (a of /app/config/plugin.py is for env local only)"
    )


def test_a_required_plugin_is_enabled_implicitly_and_noted(site: Site) -> None:
    # core:PLG-14, PLG-15
    site.plugin("c", 'dependencies = ["b"]')
    site.base('b = {"path": "../app/lib/b", "enable": False}')
    site.app(A + 'c = {"path": "lib/c"}')
    site.plugin("a", 'dependencies = ["b"]')
    table = site.load()
    assert [each.name for each in table.order] == ["b", "a", "c"]
    assert [each.name for each in table.order if each.implicit] == ["b"]
    assert table.all["b"].dependents == ["a", "c"]
    assert list(table.notes) == [
        "Following plugins will be enabled implicitly.",
        "  - b required by [a,c]",
    ]
    assert list(table.warnings) == []


def test_implicitly_enabling_a_plugin_that_the_app_disabled_is_a_warning(site: Site) -> None:
    # core:PLG-14
    site.plugin("a", 'dependencies = ["b"]')
    site.base('b = {"path": "../app/lib/b"}')
    site.app(A + "b = False")
    [warning] = site.load().warnings
    assert warning.endswith("b is disabled, and is enabled implicitly: required by [a]")


def test_an_optional_dependency_is_never_enabled(site: Site) -> None:
    # core:PLG-14, PLG-15
    site.plugin("b", 'dependencies = ["c"]')
    site.plugin("a", 'optional_dependencies = ["b"]')
    site.app(A + 'b = {"path": "lib/b", "enable": False}\nc = {"path": "lib/c", "enable": False}')
    assert site.names() == "a"
    assert list(site.load().all["b"].dependents) == []


def test_a_disabled_plugin_may_be_missing(site: Site) -> None:
    """The deviation that its complaint asks for (core:PLG-9)."""
    site.app('x = {"package": "nowhere", "enable": False}\ny = False')
    table = site.load()
    assert (list(table.order), sorted(table.all)) == ([], ["x", "y"])


def test_each_layer_keeps_its_own_table(site: Site) -> None:
    # core:PLG-20
    site.base('a = {"path": "../app/lib/a"}')
    site.app("a = False\n" + B)
    site.environ["EGG_PLUGINS"] = '{"c": {"path": "lib/c"}}'
    table = site.load()
    layers = (table.framework, table.app, table.custom)
    assert [list(layer) for layer in layers] == [["a"], ["a", "b"], ["c"]]
    assert table.framework["a"].entry.enable
    assert (sorted(table.all), list(table.enabled)) == (["a", "b", "c"], ["b", "c"])


def test_the_built_in_ones_in_order() -> None:
    """The built-in plugins of eggd (core:PLG-19)."""
    root = Path(load_plugins.__code__.co_filename).parent.parent
    info = AppInfo(name="app", base_dir=root, env="prod", scope="", home=root, root=root)
    units = [LoadUnit("eggd", "framework", root / "framework")]
    table = load_plugins(units, info, {})
    names = ["watcher", "logrotator", "schedule", "cluster_client", "onerror"]
    names += ["session", "security", "jsonp", "multipart", "static", "view", "i18n", "validate"]
    assert [plugin.name for plugin in table.order] == names
    local = load_plugins(units, replace(info, env="local"), {})
    assert [plugin.name for plugin in local.order] == [*names, "access_log", "development"]
    assert (list(table.warnings), list(table.notes)) == ([], [])


ERRORS: Mapping[str, str] = {
    "a = 5": "/app/config/plugin.py:1: plugin a must be True, False or a dict, not 5"
    " (a name that begins with _ is ignored)",
    'a = {"enabel": True}': "/app/config/plugin.py:1: a.enabel: unknown key (did you"
    " mean 'enable'?)",
    'a = {"dep": ["b"]}': "/app/config/plugin.py:1: a.dep: unknown key (known keys: dependencies,"
    " enable, env, optional_dependencies, package, path)",
    'a = {"enable": 1}': "/app/config/plugin.py:1: a.enable must be true or false, not 1",
    'a = {"env": "prod"}': "/app/config/plugin.py:1: a.env must be a list, not 'prod'",
    'a = {"path": "lib/a", "package": "a"}': "/app/config/plugin.py:1: plugin a has both package"
    " and path (remove one of them)",
    # core:PLG-7, and the complaint that a relative path misleads
    'a = {"path": "lib/x"}': "/app/config/plugin.py:1: plugin a: path 'lib/x': the folder"
    " '/app/lib/x' does not exist (a relative path starts at /app)",
    # core:PLG-8
    'a = {"package": "./lib/a"}': "/app/config/plugin.py:1: plugin a invalid, use 'path' instead of"
    " package: './lib/a'",
    'a = {"package": "/lib/a"}': "/app/config/plugin.py:1: plugin a invalid, use 'path' instead of"
    " package: '/lib/a'",
    'a = {"package": "file:a"}': "/app/config/plugin.py:1: plugin a invalid, use 'path' instead of"
    " package: 'file:a'",
    'a = {"package": "eggd-a"}': "/app/config/plugin.py:1: plugin a: package 'eggd-a' is not an"
    " import name (eggd_a, perhaps: as in `import ...`)",
    # core:PLG-9
    'a = {"package": "nowhere_at_all"}': "/app/config/plugin.py:1: cannot find package"
    " 'nowhere_at_all' of plugin a (pip install it where the app runs, or set its path)",
    'a = {"package": "no_where.at_all"}': "/app/config/plugin.py:1: cannot find package"
    " 'no_where.at_all' of plugin a (pip install it where the app runs, or set its path)",
    "nowhere = True": "/app/config/plugin.py:1: plugin nowhere: no installed"
    " package has this entry point of eggd.plugins (install it, or set its package or path)",
    'money = {"path": "lib/a"}\nmoneys = True': "/app/config/plugin.py:2: plugin moneys: no"
    " installed package has this entry point of eggd.plugins (did you mean 'money'?)",
    'a = {"package": "this"}': "/app/config/plugin.py:1: package 'this' of plugin a is a single"
    " file (make it a folder)",
    # core:PLG-17
    'a = {"path": "lib/a", "dependencies": ["a1"]}': "plugin 'a1' is required by a,"
    " but is disabled or not declared (a is of"
    " /app/config/plugin.py: define a1 there, or install one of eggd.plugins)",
    # core:PLG-16
    'a = {"path": "lib/a", "dependencies": ["a"]}': "plugins depend on each other in a"
    " cycle: a -> a (remove one dependency; a is defined by /app/config/plugin.py)",
    "a =": "/app/config/plugin.py:1: SyntaxError: invalid syntax"
    " (correct it at column 4, then run 'eggd check')",
}


@pytest.mark.parametrize(("text", "line"), ERRORS.items())
def test_a_mistake_is_one_line(site: Site, text: str, line: str) -> None:
    # core:PLG-1, PLG-7, PLG-8, PLG-9, PLG-16, PLG-17
    site.app(text)
    assert site.error() == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{", "EGG_PLUGINS: is not valid JSON: Expecting property name"),
        ("[1]", "EGG_PLUGINS: must be a JSON object, not '[1]'"),
        ('{"a": 1}', "EGG_PLUGINS: plugin a must be True, False or a dict, not 1"),
        ('{"a-b": true}', "EGG_PLUGINS: plugin 'a-b': is not a valid plugin name"),
    ],
)
def test_the_variable_is_checked(site: Site, text: str, line: str) -> None:
    """An error, not silence (core:PLG-21)."""
    site.environ["EGG_PLUGINS"] = text
    assert site.error().startswith(line)


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        ("name = ", "/app/lib/a/plugin.toml: Invalid value (at end of document)"),
        ('dependancies = ["b"]', "dependancies: unknown key (did you mean 'dependencies'?)"),
        ('env = "prod"', "/app/lib/a/plugin.toml: env must be a list, not 'prod'"),
    ],
)
def test_plugin_toml_is_checked(site: Site, toml: str, line: str) -> None:
    # core:PLG-10
    (site.root / "app/lib/a/plugin.toml").write_text(toml)
    site.app(A)
    assert line in site.error()


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages: eggd_aa of version 3.1, found under the name `aa`."""
    root = tmp_path / "site-packages"
    make_app(
        root,
        {
            "eggd_aa/__init__.py": "",
            "eggd_aa/plugin.toml": 'name = "aa"\n',
            "eggd_aa-3.1.dist-info/METADATA": "Name: eggd-aa\nVersion: 3.1\n",
            "eggd_aa-3.1.dist-info/entry_points.txt": "[eggd.plugins]\naa = eggd_aa\n",
            "broken_parent/__init__.py": "1 / 0\n",
        },
    )
    monkeypatch.syspath_prepend(str(root))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return root


@pytest.mark.parametrize("text", ["aa = True", 'aa = {"package": "eggd_aa"}'])
def test_an_installed_plugin_is_found_by_name_or_package(
    site: Site, installed: Path, text: str
) -> None:
    # core:PLG-7, PLG-11
    site.app(text)
    [plugin] = site.load().order
    assert (plugin.package, plugin.version) == ("eggd_aa", "3.1")
    assert plugin.root == installed / "eggd_aa"


def test_an_installed_dependency_need_not_be_declared(site: Site, installed: Path) -> None:
    """The complaint that an app must list what its plugins need (core:PLG-14)."""
    site.plugin("a", 'dependencies = ["aa"]')
    site.app(A)
    assert site.names() == "aa a"
    assert site.load().all["aa"].implicit


def test_a_name_that_two_packages_claim_is_one_line(site: Site, installed: Path) -> None:
    # core:PLG-7
    points = "[eggd.plugins]\naa = other\n"
    make_app(installed, {"other-1.dist-info/entry_points.txt": points})
    site.app("aa = True")
    assert site.error() == (
        "entry points eggd.plugins: plugin aa is in more than one package: eggd_aa, other"
        " (set the package of one of them in config/plugin.py)"
    )


def test_a_package_that_fails_around_the_plugin_is_one_line(site: Site, installed: Path) -> None:
    site.app('a = {"package": "broken_parent.a"}')
    assert site.error() == (
        "/app/config/plugin.py:1: cannot import package"
        " 'broken_parent.a' of plugin a: ZeroDivisionError: division by zero"
    )


def test_a_misspelt_name_that_disables_nothing_is_reported(site: Site) -> None:
    """Also in EGG_PLUGINS; a name that is like no other is not (core:PLG-1)."""
    site.app('money = {"path": "lib/a"}\nmony = False\nredis = False\n')
    site.environ = {"EGG_PLUGINS": '{"moneyy": false}'}
    lines = [line for line in site.load().warnings if "no plugin has this name" in line]
    assert [line.replace(str(site.root), "") for line in lines] == [
        "/app/config/plugin.py:2: plugin mony: no plugin has this name (did you mean 'money'?)",
        "EGG_PLUGINS: plugin moneyy: no plugin has this name (did you mean 'money'?)",
    ]


@pytest.mark.parametrize(("env", "told"), [("prd", True), ("prod", False), ("staging", False)])
def test_a_misspelt_environment_of_a_plugin_is_reported(site: Site, env: str, told: bool) -> None:
    site.app(f'a = {{"path": "lib/a", "env": ["{env}"]}}\n')
    line = "/app/config/plugin.py:1: plugin a: env 'prd' is not a usual one (did you mean 'prod'?)"
    lines = [each.replace(str(site.root), "") for each in site.load().warnings]
    assert [each for each in lines if "usual" in each] == [line][: int(told)]
