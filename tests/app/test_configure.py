"""An app's config from its files to frozen: defaults, rules about keys, hooks (core:CFG-*)."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from eggd.app.agent import Agent
from eggd.app.application import Application
from eggd.app.assemble import assemble
from eggd.app.base import BaseApplication
from eggd.app.cluster_config import ClusterConfig
from eggd.app.config import AppConfig, BodyParserConfig, DumpConfig, MetaConfig, TraceConfig
from eggd.app.config import NotFoundConfig as NotFound
from eggd.app.loading.dump import plain_config
from eggd.app.loading.host import Host
from eggd.errors import EggError
from eggd.loader.metadata import app_info
from eggd.log import LoggerConfig, setup_console
from eggd.testing.make_app import make_app
from tests.app.serving import application

PLUGIN = {
    "config/plugin.py": 'mine = {"path": "lib/mine"}\n',
    "lib/mine/plugin.toml": 'name = "mine"\n',
}

DEFAULT = "config/config_default.py"
HOOK = "import eggd\nclass AppBoot(eggd.Boot):\n    def config_did_load(self):\n        {}\n"
TIMING = "def timing(options, app):\n    return lambda ctx, next: next()\n"


def loaded(
    root: Path,
    files: Mapping[str, str],
    env: str = "prod",
    base: type[BaseApplication] = Application,
    **environ: str,
) -> Any:
    console = setup_console("NONE", "test")
    console.close()
    app = assemble(
        base,
        Host(
            info=app_info(make_app(root, files), environ, env=env),
            environ=environ,
            rundir=root / "run",
            log_dir=root / "logs",
            console=console,
        ),
    )
    app.load_config()
    app.load_files()
    return app


def refused(root: Path, files: Mapping[str, str], **environ: str) -> str:
    with pytest.raises(EggError) as caught:
        loaded(root, files, "prod", Application, **environ)
    assert "\n" not in caught.value.line
    return caught.value.line.replace(f"{root}/", "")


@pytest.mark.parametrize(
    ("section", "values"),
    [
        (
            AppConfig,
            {
                "proxy": False,
                "worker_start_timeout": 60.0,
                "middleware": [],
                "confused_configurations": {"middlewares": "middleware"},
            },
        ),
        (ClusterConfig, {"listen": {"port": 7001, "hostname": "", "path": ""}}),
        (MetaConfig, {"enable": True, "logging": False}),
        (TraceConfig, {"accept": True, "log": True, "send": False}),
        (NotFound, {"enable": True, "page_url": ""}),
        (DumpConfig, {"timing": {"slow_boot_action_min_duration": 5.0}}),
        (BodyParserConfig, {"enable": True, "json_limit": 1 << 20, "form_limit": 1 << 20}),
        (BodyParserConfig, {"strict": True}),
    ],
)
def test_defaults(tmp_path: Path, section: type, values: dict[str, object]) -> None:
    """Defaults; times are in seconds (app/config.py) (core:CFG-12, CFG-13)."""
    found = dataclasses.asdict(loaded(tmp_path, {}).config[section])
    assert {key: found[key] for key in values} == values


def test_logger_defaults(tmp_path: Path) -> None:
    """The directory is the unit's, the console's level None: by where it leads (core:CFG-14)."""
    app = loaded(tmp_path / "shop", {})
    config = app.config[LoggerConfig]
    assert (config.dir, config.level, config.buffer) == (str(tmp_path / "shop/logs"), "INFO", True)
    names = (config.core_log_name, config.agent_log_name, config.error_log_name)
    assert names == ("egg-web.log", "egg-agent.log", "common-error.log")
    assert config.app_file(app.name).name == "shop-web.log"
    assert config.allow_debug_at_prod is False
    assert loaded(tmp_path / "test", {}, "unittest").config.logger.buffer is False


@pytest.mark.parametrize(
    ("file", "key", "line"),
    [
        (
            "config/config_prod.py",
            "core_middleware",
            "core_middleware cannot be set in an app or a plugin",
        ),
        ("lib/mine/config/config_default.py", "core_middleware", "core_middleware cannot be set"),
        (
            "lib/mine/config/config_default.py",
            "middleware",
            "middleware cannot be set in a plugin or a framework",
        ),
    ],
)
def test_files_that_may_not_set_the_order_of_middleware(
    tmp_path: Path, file: str, key: str, line: str
) -> None:
    # core:CFG-7
    found = refused(tmp_path, {**PLUGIN, file: f"{key} = []\n"})
    assert found.startswith(f"{file}:1: {line}")
    assert f"self.app.config.{key}.append(...)" in found


def test_egg_s_names_of_the_two_lists(tmp_path: Path) -> None:
    """The same lists, for hooks; missing is empty (core:CFG-8)."""
    boot = """
        from eggd import Boot

        class AppBoot(Boot):
            def config_did_load(self):
                config = self.app.config
                assert config.app_middleware is config.app_middlewares is config.middleware
                assert config.core_middlewares is config.core_middleware
                config.core_middlewares.insert(0, "timing")
        """
    timing = "def timing(options, app):\n    return lambda ctx, next: next()\n"
    app = loaded(tmp_path, {"app.py": boot, "app/middleware/timing.py": timing})
    assert (app.config.core_middleware, app.config.middleware) == (["timing"], [])
    assert len(app.onion) == 1


def test_each_process_has_a_config_of_its_own(tmp_path: Path) -> None:
    # core:CFG-9
    files = {"config/config_default.py": "peers = ['a']\n"}
    for name, base in (("app", "Application"), ("agent", "Agent")):
        files[f"{name}.py"] = (
            f"from eggd import Boot\n\nclass {base}Boot(Boot):\n"
            f"    def config_will_load(self):\n        self.app.config.peers.append('{name}')\n"
        )
    assert loaded(tmp_path, files).config.peers == ["a", "app"]
    assert loaded(tmp_path, files, base=Agent).config.peers == ["a", "agent"]


def test_a_hook_that_breaks_a_section_is_named(tmp_path: Path) -> None:
    # core:CFG-9, CFG-10
    boot = (
        "from eggd import Boot\n\nclass AppBoot(Boot):\n"
        "    def config_did_load(self):\n        self.app.config.meta.enabel = True\n"
    )
    assert refused(tmp_path, {"app.py": boot}) == (
        "app.py:5: meta.enabel: unknown key (did you mean 'enable'?)"
    )


UNLIKE = """
class Unlike:
    def __eq__(self, other): raise ValueError
    def __repr__(self): raise ValueError

thing = Unlike()
"""


def test_an_object_need_not_be_comparable(tmp_path: Path) -> None:
    boot = (
        "from eggd import Boot\n\nclass AppBoot(Boot):\n"
        "    def config_did_load(self):\n        self.app.config.size = 1\n"
    )
    app = loaded(tmp_path, {"config/config_default.py": UNLIKE, "app.py": boot})
    assert app.config.origin("thing") == f"{tmp_path}/config/config_default.py"
    text = f"{UNLIKE}\nhttp = {{'body_limit': thing}}\n"
    found = refused(tmp_path / "b", {"config/config_default.py": text})
    assert found.endswith(" bytes, or text from '0b' to '1024gb', not <Unlike>")


def test_a_hook_may_not_remove_a_required_key(tmp_path: Path) -> None:
    boot = (
        "from eggd import Boot\n\nclass AppBoot(Boot):\n"
        "    def config_did_load(self):\n        self.app.config.pop('{}')\n"
    )
    assert "env cannot be set" in refused(tmp_path / "a", {"app.py": boot.format("env")})
    assert "http must be a mapping" in refused(tmp_path / "b", {"app.py": boot.format("http")})


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("bodyparser", "body_parser"),
        ("bodyParser", "body_parser"),
        ("notFound", "notfound"),
        ("not_found", "notfound"),
        ("middlewares", "middleware"),
        ("workerStartTimeout", "worker_start_timeout"),
        ("Logger", "logger"),
    ],
)
def test_a_name_that_is_nearly_one_of_ours(tmp_path: Path, key: str, meant: str) -> None:
    """But an error: egg warns and goes on without the setting (core:CFG-11)."""
    found = refused(tmp_path, {"config/config_default.py": f"x = 1\n{key} = {{}}\n"})
    assert found == f"config/config_default.py:2: {key}: unknown key (did you mean '{meant}'?)"


@pytest.mark.parametrize(
    ("files", "environ", "line"),
    [
        (
            {DEFAULT: "middlware = []\n"},
            {},
            f"{DEFAULT}:1: middlware: unknown key (did you mean 'middleware'?)",
        ),
        (
            {"config/config_prod.py": "drain_timout = 1\n"},
            {},
            "config/config_prod.py:1: drain_timout: unknown key (did you mean 'drain_timeout'?)",
        ),
        (
            {DEFAULT: "htpp = {'head_limit': 3}\n"},
            {},
            f"{DEFAULT}:1: htpp: unknown key (did you mean 'http'?)",
        ),
        (
            {},
            {"EGG_APP_CONFIG": '{"dumb": {"ignore": []}}'},
            "EGG_APP_CONFIG: dumb: unknown key (did you mean 'dump'?)",
        ),
        (
            {DEFAULT: "def confg(app_info): return {}\n"},
            {},
            f"{DEFAULT}:1: confg: is not called (did you mean 'config'?)",
        ),
        (
            {},
            {"EGG_APP_CONFIG": '{"htp": {}}'},
            "EGG_APP_CONFIG: htp: unknown key (did you mean 'http'?)",
        ),
        (
            {"app.py": HOOK.format("self.config.loger = {}")},
            {},
            "app.py:config_did_load: loger: unknown key (did you mean 'logger'?)",
        ),
        (
            {
                **PLUGIN,
                "lib/mine/config/config_default.py": "backend = {}\n",
                DEFAULT: "bakend = {}\n",
            },
            {},
            f"{DEFAULT}:1: bakend: unknown key (did you mean 'backend'?)",
        ),
        (
            {DEFAULT: "max_proxy_count = 1\n"},
            {},
            f"{DEFAULT}:1: max_proxy_count: unknown key (did you mean 'max_ips_count'?)",
        ),
        (
            {DEFAULT: "customLogger = {'audit': {'file': 'audit.log'}}\n"},
            {},
            f"{DEFAULT}:1: customLogger: unknown key (did you mean 'logger.custom_logger'?)",
        ),
        (
            {DEFAULT: "trusted_proxy = ['10.0.0.0/8']\n"},
            {},
            f"{DEFAULT}:1: trusted_proxy: unknown key (did you mean 'trusted_proxies'?)",
        ),
    ],
)
def test_a_misspelt_root_key_is_an_error(
    tmp_path: Path, files: Mapping[str, str], environ: dict[str, str], line: str
) -> None:
    """In every source; also if a plugin's files declare the right one (core:CFG-11)."""
    assert refused(tmp_path, files, **environ) == line


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("protocol = 'htps'", "protocol must be '', 'http' or 'https', not 'htps'"),
        ("protocol = 'javascript'", "protocol must be '', 'http' or 'https', not 'javascript'"),
        ("max_ips_count = -1", "max_ips_count must be a whole number from 0 to 1000, not -1"),
        ("ip_headers = 'x forwarded for'", "ip_headers: 'x forwarded for' is not the name of"),
        ("host_headers = 'x-host,x:y'", "host_headers: 'x:y' is not the name of a header field"),
        ("httpclient = {'user_agent': 'a\\r\\nX: y'}", "httpclient.user_agent has a control"),
        ("notfound = {'page_url': '/a\\r\\nX: y'}", "is not a path or a URL (percent-encode"),
        ("notfound = {'page_url': '//a.b/404'}", "notfound.page_url: '//a.b/404' is not a path"),
        ("override_method = {'allowed_methods': ['post']}", "allowed_methods: 'post' is not a"),
        ("session = False", "not False (write session = False in config/plugin.py)"),
        ("maxProxyCount = 1", "maxProxyCount: unknown key (did you mean 'max_ips_count'?)"),
    ],
)
def test_a_value_that_no_request_could_match_is_an_error(
    tmp_path: Path, line: str, error: str
) -> None:
    """Of a proxy, and of what is sent to other servers."""
    assert error in refused(tmp_path, {DEFAULT: f"{line}\n"})


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "trusted_proxies = ['127.0.0.1', '10.0.0.1/8']",
            "1: trusted_proxies: '10.0.0.1/8' has bits set behind its prefix (write '10.0.0.0/8')",
        ),
        (
            "proxy = True\ntrusted_proxies = ['10.0.0']",
            "2: trusted_proxies: '10.0.0' is not a network (an address, a network",
        ),
        (
            "trusted_proxies = '10.0.0.0/8'",
            "1: trusted_proxies must be a list, not '10.0.0.0/8'",
        ),
        (
            "http = {'proxy_protocol': True}",
            "1: http.proxy_protocol needs trusted_proxies, the addresses that may send",
        ),
        (
            "trust_proxies = ['10.0.0.0/8']",
            "1: trust_proxies: unknown key (did you mean 'trusted_proxies'?)",
        ),
    ],
)
def test_wrong_proxies_are_an_error_at_the_start(tmp_path: Path, text: str, line: str) -> None:
    assert refused(tmp_path, {DEFAULT: f"{text}\n"}).startswith(f"{DEFAULT}:{line}")


@pytest.mark.parametrize(
    ("files", "warnings"),
    [
        (
            {DEFAULT: "assets = {'port': 7000}\n"},
            [f"{DEFAULT}:1: assets: nothing reads this key"],
        ),
        (
            {DEFAULT: "ratelimit = {'limits': [{'limit': 1, 'window': 1}]}\n"},
            [
                (
                    f"{DEFAULT}:1: ratelimit: nothing reads this key"
                    " (the plugin is off; set ratelimit = True in config/plugin.py)"
                )
            ],
        ),
        ({DEFAULT: "redis = {'clients': {}}\n", "config/plugin.py": "redis = False\n"}, []),
        (
            {DEFAULT: "trusted_proxies = ['10.0.0.0/8']\n"},
            [f"{DEFAULT}:1: trusted_proxies has no effect (set proxy or http.proxy_protocol, too)"],
        ),
        (
            {DEFAULT: "proxy = True\ntrusted_proxies = ['0.0.0.0/0']\n"},
            [
                (
                    f"{DEFAULT}:2: trusted_proxies: '0.0.0.0/0' trusts every client: each can"
                    " choose its ctx.ip and ctx.protocol (list the addresses of your proxies)"
                )
            ],
        ),
        (
            {DEFAULT: "proxy = True\nip_headers = 'X-Real-IP, X-Forwarded-Fro'\n"},
            [f"{DEFAULT}:2: ip_headers: 'X-Forwarded-Fro' (did you mean 'x-forwarded-for'?)"],
        ),
        (
            {DEFAULT: "ip_headers = 'x-real-ip'\nmax_ips_count = 2\n"},
            [
                f"{DEFAULT}:1: ip_headers has no effect (set proxy = True, too)",
                f"{DEFAULT}:2: max_ips_count has no effect (set proxy = True, too)",
            ],
        ),
        (
            {DEFAULT: "proxy = True\nip_headers = 'x-forwarded-proto, x-client-ip'\n"},
            [f"{DEFAULT}:2: ip_headers: 'x-forwarded-proto' is a field of protocol_headers"],
        ),
        (
            {DEFAULT: "proxy = True\nprotocol_headers = host_headers = 'forwarded'\n"},
            [],
        ),
        (
            {DEFAULT: "httpclient = {\n'verify': False}\n"},
            [
                (
                    f"{DEFAULT}:2: httpclient.verify is off: any host between can read and change"
                    " what servers answer (set httpclient.ca_file for a server with a certificate"
                    " of your own)"
                )
            ],
        ),
        (
            {DEFAULT: "csrf = {'enable': False}\ndomainWhiteList = ['a.b']\nALLOWED_HOSTS = []\n"},
            [
                (
                    f"{DEFAULT}:3: ALLOWED_HOSTS: nothing reads this key"
                    " (did you mean 'security.hosts.names'?)"
                ),
                f"{DEFAULT}:1: csrf: nothing reads this key (did you mean 'security.csrf'?)",
                (
                    f"{DEFAULT}:2: domainWhiteList: nothing reads this key"
                    " (did you mean 'security.domain_white_list'?)"
                ),
            ],
        ),
        (
            {DEFAULT: "asets = {}\n"},
            [f"{DEFAULT}:1: asets: nothing reads this key (did you mean 'assets'?)"],
        ),
        (
            {DEFAULT: "port = 8000\n"},
            [f"{DEFAULT}:1: port: nothing reads this key (did you mean 'cluster.listen.port'?)"],
        ),
        (
            {
                DEFAULT: "timming = {}\nmiddleware = ['timing']\n",
                "app/middleware/timing.py": TIMING,
            },
            [f"{DEFAULT}:1: timming: nothing reads this key (did you mean 'timing'?)"],
        ),
        (
            {
                DEFAULT: "greeting = 'hello'\n",
                "config/config_prod.py": "greting = 'bye'\n",
            },
            ["config/config_prod.py:1: greting: nothing reads this key (did you mean 'greeting'?)"],
        ),
        (
            {"app.py": HOOK.format("self.config.assets = {}")},
            ["app.py:config_did_load: assets: nothing reads this key"],
        ),
        (
            {DEFAULT: "greeting = 'hi'\nvisits = 3\nnaming = 1\n"},
            [],
        ),
        ({**PLUGIN, "lib/mine/config/config_default.py": "security = {}\n"}, []),
        (
            {
                DEFAULT: "static = loggers = {}\nmiddleware = ['static', 'loggers']\n",
                "app/public/site.css": "",
                "app/middleware/static.py": TIMING.replace("timing", "static"),
                "app/middleware/loggers.py": TIMING.replace("timing", "loggers"),
            },
            [],
        ),
    ],
)
def test_a_key_without_effect_is_a_warning(
    tmp_path: Path, files: Mapping[str, str], warnings: list[str]
) -> None:
    app = loaded(tmp_path, files)
    assert [line.replace(f"{tmp_path}/", "") for line in app.warnings] == warnings


def test_the_confused_names_are_configurable(tmp_path: Path) -> None:
    # core:CFG-11
    text = "confused_configurations = {'views': 'view'}\nviews = 1\n"
    found = refused(tmp_path, {"config/config_default.py": text})
    assert found == "config/config_default.py:2: views: unknown key (did you mean 'view'?)"


def test_no_middleware_is_on_by_default(tmp_path: Path) -> None:
    """Meta, notfound and body_parser are steps around the onion (core:CFG-15)."""
    app = application(make_app(tmp_path, {}))
    app.load_config()
    assert app.config.core_middleware == []
    assert app.config.meta.enable is app.config.notfound.enable is app.config.body_parser.enable


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("logger = None\n", "config_default.py:1: logger must be a mapping, not None"),
        (
            "middleware = [1]\n",
            "config_default.py:1: middleware[0] must be text or a function, not 1",
        ),
        ("x = 1\ncheck = 1\n", "config_default.py:2: check: cannot be a key of the root"),
        ("env = 'local'\n", "config_default.py:1: env cannot be set in the config (EGG_SERVER_ENV"),
        (
            "base_dir = '/'\n",
            "config_default.py:1: base_dir cannot be set in the config (EGG_BASE_DIR",
        ),
        (
            "http = {'bodylimit': 1}\n",
            "config_default.py:1: http.bodylimit: unknown key (did you mean",
        ),
        (
            "logger = {\n    'level': 'LOUD',\n}\n",
            "config_default.py:2: logger.level must be one of DEBUG, INFO, WARN, ERROR, NONE, not",
        ),
        (
            "app_middleware = []\n",
            "config_default.py:1: app_middleware: unknown key (did you mean",
        ),
    ],
)
def test_a_wrong_key_is_one_line(tmp_path: Path, text: str, line: str) -> None:
    """File, line, key and cure (core:CFG-10)."""
    assert refused(tmp_path, {"config/config_default.py": text}).startswith(f"config/{line}")


SECTION = (
    "from dataclasses import dataclass\n\n@dataclass{0}\nclass MineConfig:\n    size: int{1}\n"
)


@pytest.mark.parametrize(
    ("name", "section", "line"),
    [
        (
            "logger",
            SECTION.format("(frozen=True)", " = 1"),
            "section 'logger' is already declared (by",
        ),
        ("mine", SECTION.format("", " = 1"), "MineConfig must be frozen (@dataclass(frozen=True"),
        (
            "mine",
            SECTION.format("(frozen=True)", ""),
            "section.py: MineConfig: field size needs a default",
        ),
    ],
)
def test_a_section_that_cannot_be_is_one_line(
    tmp_path: Path, name: str, section: str, line: str
) -> None:
    files = {
        "config/plugin.py": f'{name} = {{"path": "lib/mine"}}\n',
        "lib/mine/plugin.toml": f'name = "{name}"\n',
        "lib/mine/section.py": section,
    }
    assert line in refused(tmp_path, files)


def test_a_plugins_section_is_typed(tmp_path: Path) -> None:
    section = SECTION.format("(frozen=True)", " = 1")
    files = {
        **PLUGIN,
        "lib/mine/section.py": section,
        "config/config_prod.py": "mine = {'sze': 1}\n",
    }
    assert refused(tmp_path, files) == (
        "config/config_prod.py:1: mine.sze: unknown key (did you mean 'size'?)"
    )


def test_a_default_is_from_the_file_that_declares_it(tmp_path: Path) -> None:
    """Eggd's own plugins are eggd (core:CFG-10)."""
    section = SECTION.format("(frozen=True)", " = 1")
    config = loaded(tmp_path, {**PLUGIN, "lib/mine/section.py": section}).config
    assert config.origin("mine.size") == f"{tmp_path}/lib/mine/section.py"
    assert config.origin("watcher.enable") == config.origin("http.body_limit") == "eggd"


def test_one_environment_adds_to_a_list(tmp_path: Path) -> None:
    """Egg's users have asked for this since its first year (eggjs/egg#500)."""
    middleware = "def {0}(options, app):\n    return lambda ctx, next: next()\n"
    files = {
        "config/config_default.py": 'middleware = ["timing"]\n',
        "config/config_prod.py": 'from eggd import append\n\nmiddleware = append("gzip")\n',
        **{f"app/middleware/{n}.py": middleware.format(n) for n in ("timing", "gzip")},
    }
    app = loaded(tmp_path, files)
    assert app.config.middleware == ["timing", "gzip"]
    below = f"{tmp_path}/config/config"
    assert app.config.origin("middleware") == f"{below}_default.py + {below}_prod.py"
    assert app.config.located("middleware") == f"{below}_default.py:1 + {below}_prod.py:3"


def test_the_environment_variable_wins(tmp_path: Path) -> None:
    # core:CFG-6
    values = json.dumps({"size": 3, "http": {"body_limit": "1mb"}})
    app = loaded(tmp_path, {"config/config_prod.py": "size = 1\n"}, EGG_APP_CONFIG=values)
    assert (app.config.size, app.config.http.body_limit) == (3, 1 << 20)
    assert "EGG_APP_CONFIG: http.x: unknown key" in refused(
        tmp_path / "b", {}, EGG_APP_CONFIG='{"http": {"x": 1}}'
    )


def test_a_misspelt_option_of_a_middleware_is_a_warning(tmp_path: Path) -> None:
    """The middleware would guard every path (core:MW-5)."""
    text = "middleware = ['timing']\ntiming = {'mach': '/a', 'enabled': False, 'unit': 's'}\n"
    app = loaded(tmp_path, {DEFAULT: text, "app/middleware/timing.py": TIMING})
    assert [line.replace(f"{tmp_path}/", "") for line in app.warnings] == [
        f"{DEFAULT}:2: timing.mach: unknown option (did you mean 'match'?)",
        f"{DEFAULT}:2: timing.enabled: unknown option (did you mean 'enable'?)",
    ]


def test_a_config_file_reads_credentials_and_no_dump_shows_them(tmp_path: Path) -> None:
    """A function of the config names the credential, not a function that failed."""
    files = {
        DEFAULT: 'from eggd import credential\nbank = {"pin": credential("bank-pin")}\n',
        "config/config_prod.py": (
            "from eggd import credential\n\n\ndef config(app_info):\n"
            '    return {"bank": {"url": f"x://u:{credential(\'bank-url\')}@h"}}\n'
        ),
    }
    environ = {"EGG_CREDENTIAL_BANK_PIN": "0047", "EGG_CREDENTIAL_BANK_URL": "tomorrow is sunday"}
    app = loaded(tmp_path, files, "prod", Application, **environ)
    assert app.config.bank == {"pin": "0047", "url": "x://u:tomorrow is sunday@h"}
    assert json.loads(json.dumps(plain_config(app)))["bank"] == {
        "pin": "<String len: 4>",
        "url": "x://u:***@h",
    }
    del environ["EGG_CREDENTIAL_BANK_URL"]
    said = refused(tmp_path / "other", files, **environ)
    assert said.startswith(
        "config/config_prod.py:5: credential bank-url is missing in env prod, from --env: it"
    )
