"""Every kind of mistake in an app of sections 1 to 9, with what the one line must name.

A case has files over a good app (None removes one) and texts of the line, in order: the file (with
its line where there is one), the key or value, the cure. `APP` is the app's folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Files = Mapping[str, str | None]

CONFIG = "config/config_default.py"
PLUGIN = "config/plugin.py"
SINGLETON = "def config_did_load(self): self.app.add_singleton('{}', lambda *a: 1)"
TIMING = "def timing(options, app):\n    return lambda ctx, next: next()\n"
BOOT = "from eggd import Boot\n\nclass AppBoot(Boot):\n    {}\n"
LOADER = "custom_loader = {{'adapter': {}}}\n"


@dataclass(frozen=True)
class Mistake:
    """Files that make a good app a bad one, and the texts that its error contains."""

    name: str
    files: Files
    texts: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)
    hook: bool = False
    """Whether only a process finds it: `eggd check` runs no hook that connects."""

    def __str__(self) -> str:
        return self.name


def case(name: str, files: Files, *texts: str, hook: bool = False, **environ: str) -> Mistake:
    return Mistake(name, files, texts, environ, hook)


def plugin(name: str, **more: str) -> dict[str, str]:
    """Returns the files of a plugin in the app, and further files."""
    return {f"lib/{name}/plugin.toml": f'name = "{name}"\n', **more}


def table(**entries: str) -> str:
    """Returns a config/plugin.py for plugins in lib/, each with further fields."""
    lines = [f"{name} = {{'path': 'lib/{name}', {fields}}}\n" for name, fields in entries.items()]
    return "".join(lines)


MISTAKES = [
    # core:DIR-6
    case(
        "no name",
        {"pyproject.toml": "[project]\n"},
        "APP/pyproject.toml",
        "project.name",
        "name = ",
    ),
    case("no pyproject", {"pyproject.toml": None}, "APP/pyproject.toml", "missing", "[project]"),
    # core:DIR-1 C: newcomers put config under app/config
    case("config below app", {"app/config/config_default.py": "a = 1\n"}, "APP/app/config", "("),
    # core:ENV-1 .. FW-2
    case(
        "framework",
        {"pyproject.toml": '[project]\nname = "shop"\n[tool.eggd]\nframework = "acme"\n'},
        "pyproject.toml",
        "acme",
        "(",
    ),
    # core:PLG-8, PLG-9, PLG-16, PLG-17, PLG-21
    case(
        "package that is a path",
        {PLUGIN: "a = {'package': './lib/a'}\n"},
        PLUGIN,
        "use 'path' instead",
        "./lib/a",
    ),
    case(
        "package that is not there",
        {PLUGIN: "a = {'package': 'eggd_nothing'}\n"},
        PLUGIN,
        "eggd_nothing",
        "(",
    ),
    case("path that is not there", {PLUGIN: "a = {'path': 'lib/a'}\n"}, PLUGIN, "lib/a", "("),
    case("field of a plugin", {PLUGIN: "a = {'enabel': True}\n"}, PLUGIN, "enabel", "enable"),
    case("plugin that is not a table", {PLUGIN: "a = 5\n"}, PLUGIN, "5", "("),
    case("EGG_PLUGINS", {}, "EGG_PLUGINS", "{", EGG_PLUGINS="{"),
    case(
        "cycle",
        {
            PLUGIN: table(a="'dependencies': ['b']", b="'dependencies': ['a']"),
            **plugin("a"),
            **plugin("b"),
        },
        "cycle",
        "a",
        "b",
    ),
    case(
        "missing dependency",
        {PLUGIN: table(a="'dependencies': ['b']"), **plugin("a")},
        "plugin 'b'",
        "by a",
    ),
    case(
        "plugin.toml",
        {PLUGIN: table(a=""), "lib/a/plugin.toml": "nam = 'a'\n"},
        "lib/a/plugin.toml",
        "nam",
        "name",
    ),
    # core:CFG-3, CFG-5, CFG-6, CFG-7, CFG-11
    case("syntax in config", {CONFIG: "a = \n"}, f"APP/{CONFIG}:1", "SyntaxError"),
    case(
        "unknown key",
        {CONFIG: "http = {'body_limt': 5}\n"},
        f"APP/{CONFIG}:1",
        "http.body_limt",
        "did you mean 'body_limit",
    ),
    case(
        "wrong type",
        {CONFIG: "drain_timeout = 'soon'\n"},
        f"APP/{CONFIG}",
        "drain_timeout",
        "'soon'",
    ),
    case("section that is not a table", {CONFIG: "http = 5\n"}, f"APP/{CONFIG}", "http", "5"),
    case(
        "config() that fails",
        {CONFIG: "def config(info):\n    return info.nam\n"},
        f"APP/{CONFIG}:2",
        "config(",
        "nam",
    ),
    case("config() of nothing", {CONFIG: "def config(info):\n    pass\n"}, f"APP/{CONFIG}", "None"),
    case("EGG_APP_CONFIG", {}, "EGG_APP_CONFIG", "JSON", EGG_APP_CONFIG="{"),
    case(
        "core_middleware in an app",
        {CONFIG: "core_middleware = ['a']\n"},
        CONFIG,
        "core_middleware",
        "(",
    ),
    case(
        "middleware in a plugin",
        {
            PLUGIN: table(a=""),
            **plugin("a", **{"lib/a/config/config_default.py": "middleware = []\n"}),
        },
        "lib/a/config/config_default.py",
        "middleware",
        "(",
    ),
    case("confused key", {CONFIG: "middlewares = []\n"}, CONFIG, "middlewares", "middleware"),
    case(
        "unknown middleware",
        {
            CONFIG: "middleware = ['timnig']\n",
            "app/middleware/timing.py": TIMING,
        },
        CONFIG,
        "timnig",
        "timing",
    ),
    case(
        "middleware twice",
        {
            CONFIG: "middleware = ['timing', 'timing']\n",
            "app/middleware/timing.py": TIMING,
        },
        CONFIG,
        "timing",
        "is named twice",
    ),
    # core:LD-2, LD-4, LD-9, LD-12, LD-15
    case(
        "name of a member",
        {"app/service/user.log.py": ""},
        "APP/app/service/user.log.py",
        "user.log",
        "letters",
    ),
    case(
        "two files, one name",
        {"app/service/a-b.py": "", "app/service/a_b.py": ""},
        "app/service/a_b.py",
        "a_b",
        "a-b.py",
    ),
    case(
        "file beside folder",
        {"app/service/a.py": "", "app/service/a/b.py": ""},
        "app/service/a/b.py",
        "a.py",
    ),
    case(
        "import in a service",
        {"app/service/a.py": "import nothing_here\n"},
        "APP/app/service/a.py:1",
        "nothing_here",
    ),
    case(
        "service without a class",
        {"app/service/a.py": "x = 1\n"},
        "APP/app/service/a.py",
        "Service",
        "class Name(Service)",
    ),
    case(
        "custom loader's folder",
        {CONFIG: LOADER.format("{}")},
        CONFIG,
        "custom_loader.adapter",
        "directory",
    ),
    case(
        "custom loader's inject",
        {CONFIG: LOADER.format("{'directory': 'app/adapter', 'inject': 'request'}")},
        CONFIG,
        "inject",
        "ctx",
        "'request'",
    ),
    case(
        "custom loader over a member",
        {CONFIG: "custom_loader = {'config': {'directory': 'app/adapter'}}\n"},
        "config",
    ),
    # core:EXT-1, EXT-7
    case(
        "syntax in extend",
        {"app/extend/context.py": "class Context:\n    def (\n"},
        "APP/app/extend/context.py:2",
        "SyntaxError",
    ),
    case(
        "extend without a class",
        {"app/extend/context.py": "class Ctx:\n    pass\n"},
        "APP/app/extend/context.py",
        "class Context",
    ),
    # core:LC-1, LC-3, LC-10
    case(
        "boot file without a class",
        {"app.py": "def boot(app):\n    pass\n"},
        "APP/app.py",
        "Boot",
        "class Name(Boot)",
    ),
    case(
        "agent.py without a class",
        {"agent.py": "pass\n"},
        "APP/agent.py",
        "Boot",
        "class Name(Boot)",
    ),
    case(
        "async config hook",
        {"app.py": BOOT.format("async def config_will_load(self): ...")},
        "APP/app.py",
        "config_will_load",
        "did_load",
    ),
    case(
        "failing config hook",
        {"app.py": BOOT.format("def config_did_load(self): 1 / 0")},
        "APP/app.py:4",
        "AppBoot.config_did_load",
        "division by zero",
    ),
    case(
        "failing did_load",
        {"app.py": BOOT.format("async def did_load(self): 1 / 0")},
        "APP/app.py:4",
        "AppBoot.did_load",
        "division by zero",
        hook=True,
    ),
    case(
        "wrong config in a hook",
        {"app.py": BOOT.format("def config_did_load(self): self.config.http.body_limt = 1")},
        "app.py",
        "body_limt",
        "body_limit",
    ),
    # core:SGL-1
    case(
        "client and clients",
        {
            CONFIG: "db = {'client': {'a': 1}, 'clients': {'b': {}}}\n",
            "app.py": BOOT.format(SINGLETON.format("db")),
        },
        "db",
        "client",
        "clients",
    ),
    case(
        "singleton over a member",
        {"app.py": BOOT.format(SINGLETON.format("config"))},
        "APP/app.py:4",
        "app.config",
        "another name",
    ),
    # the app's own files
    case(
        "router without router()",
        {"app/router.py": "x = 1\n"},
        "APP/app/router.py",
        "def router(app)",
    ),
    *(
        case(
            f"router that is {kind}",
            {"app/router.py": f"import re\n{text}\n"},
            "APP/app/router.py:2",
            "router must be a plain function",
            kind,
            "def router(app)",
        )
        for kind, text in (
            ("async def", "async def router(app): app.router.get('/', app.controller.home.index)"),
            ("a generator", "def router(app): yield"),
            ("async def with yield", "async def router(app): yield"),
        )
    ),
    case(
        "part of the router that is async",
        {"app/router/admin.py": "async def router(app): pass\n"},
        "APP/app/router/admin.py:1",
        "router must be a plain function",
    ),
    case(
        "router that ends the process",
        {"app/router.py": "import sys\n\ndef router(app):\n    sys.exit(0)\n"},
        "APP/app/router.py:4",
        "SystemExit: 0",
    ),
    case(
        "controller that is not there",
        {"app/router.py": "def router(app):\n    app.router.get('/', app.controller.hom.index)\n"},
        "APP/app/router.py:2",
        "hom",
        "did you mean 'home",
    ),
]
