"""Commands that apps, plugins and packages bring along."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from eggd.cli.commands import COMMANDS
from eggd.testing.make_app import make_app
from tests.cli.host import ROOT, Host

pytestmark = pytest.mark.slow

GREET = '''
    """Greet somebody."""
    import click

    @click.command()
    @click.argument("name")
    @click.option("--loud", is_flag=True, help="With an exclamation mark.")
    @click.option("--dry-run", default="no")
    def command(name, loud, dry_run):
        """Greet NAME."""
        click.echo(f"hi, {name}{'!' * loud} {dry_run}")
    '''

ADD = '''
    """Add a user."""
    import click

    @click.command()
    @click.option("--name")
    async def command(app, ctx, name):
        click.echo(f"{app.name} {app.env} {await ctx.service.user.add(name)}")
    '''

FILES = {
    "app/router.py": "def router(app): ...\n",
    "app/command/greet.py": GREET,
    "app/command/user/add.py": ADD,
    "app/command/_helper.py": "1 / 0\n",
    "app/service/user.py": """
        from eggd import Service

        class UserService(Service):
            async def add(self, name):
                return f"added {name} ({self.config.kind})"
        """,
    "config/config_default.py": "kind = 'default'\n",
    "config/config_local.py": "kind = 'local'\n",
    "config/plugin.py": """
        money = {'path': 'lib/money'}
        off = {'path': 'lib/off', 'enable': False}
        """,
    "lib/money/plugin.toml": 'name = "money"\n',
    "lib/money/app/command/rates/show_all.py": '"""Show the rates."""\n' + "print('rates')\n",
    "lib/money/command/user/pay.py": """
        '''Pay a user.'''
        import click
        @click.command()
        def command():
            click.echo("paid")
        """,
    "lib/off/command/never.py": "",
}


class Shop:
    """An app with commands, and `eggd` started in its folder."""

    def __init__(self, home: Path, files: dict[str, str]) -> None:
        self.host = Host(home)
        self.root = make_app(home / "shop", {**FILES, **files})

    def eggd(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self.host.eggd("--base", str(self.root), *arguments, **more)

    def line(self, *arguments: str, **more: str) -> str:
        done = self.eggd(*arguments, **more)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.strip()


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path, {})


def test_a_file_is_a_command(shop: Shop) -> None:
    """Its arguments are parsed; `--dry-run` becomes dry_run (core:CB-1, CB-2, CB-6)."""
    assert shop.line("greet", "ada", "--loud") == "hi, ada! no"
    assert shop.line("greet", "ada", "--dry-run", "yes") == "hi, ada yes"


def test_a_folder_is_a_word_and_a_value_may_be_called_like_one(shop: Shop) -> None:
    """The value `add` is kept although it equals the command's name (core:CB-3)."""
    assert shop.line("user", "add", "--name", "add") == "shop prod added add (default)"


def test_the_environment_is_an_option_of_what_needs_the_app(shop: Shop) -> None:
    said = shop.line("user", "add", "--env", "local", "--name", "eve")
    assert said == "shop local added eve (local)"
    assert "--env" not in shop.line("greet", "--help")


def test_a_plugin_has_commands_too_also_below_a_word_of_the_app(shop: Shop) -> None:
    assert shop.line("user", "pay") == "paid"


@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_every_level_has_help(shop: Shop, flag: str) -> None:
    # core:CB-1, CB-5
    assert "With an exclamation mark." in shop.line("greet", flag)
    assert "  add  Add a user.\n  pay  Pay a user." in shop.line("user", flag)
    assert shop.line("user") == shop.line("user", flag)


@pytest.mark.parametrize("flag", ["-v", "--version"])
def test_the_version_is_an_option(shop: Shop, flag: str) -> None:
    # core:CB-5
    assert shop.line(flag).startswith("eggd ")


def test_help_lists_them_by_owner_and_runs_nothing(shop: Shop) -> None:
    """Commands below a folder are listed with all their words (core:CB-2)."""
    text = shop.line("--help")
    own = "Commands of the app:\n  greet     Greet somebody.\n  user add  Add a user.\n"
    assert own in text
    assert "Commands of the plugin money:\n  rates show-all  Show the rates.\n" in text
    assert "never" not in text
    assert "helper" not in text


BROKEN = [
    ("def (:\n", "(cannot be read: bad.py:1: invalid syntax)", "bad.py:1: SyntaxError"),
    ('"""Bad."""\n1 / 0\n', "Bad.", "bad.py:2: ZeroDivisionError: division by zero"),
    ('"""Bad."""\ncommand = 5\n', "Bad.", "must be a click command named `command`, not 5"),
    ('"""Bad."""\n', "Bad.", "must be a click command named `command`, not None"),
]


@pytest.mark.parametrize(("text", "listed", "said"), BROKEN)
def test_a_broken_file_is_one_line_and_the_others_work(
    tmp_path: Path, text: str, listed: str, said: str
) -> None:
    # core:CB-2
    shop = Shop(tmp_path, {"app/command/bad.py": text})
    assert f"  bad       {listed}" in shop.line("--help")
    done = shop.eggd("bad")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert said in done.stderr
    assert shop.line("greet", "ada") == "hi, ada no"


FAILING = """
    import click

    @click.command()
    @click.argument("kind")
    def command(kind):
        if kind == "exit":
            return 7
        if kind == "abort":
            raise click.Abort
        if kind == "click":
            raise click.ClickException("no paper")
        if kind == "usage":
            raise click.BadParameter("odd")
        {}["x"]
    """

ENDS = [
    ("exit", 7, ""),
    ("abort", 130, "error: interrupted\n"),
    ("click", 1, "error: no paper\n"),
    ("usage", 2, "error: invalid value: odd (eggd fail --help)\n"),
    ("bug", 1, "error: FILE:14: KeyError: 'x' (set EGGD_DEBUG=1 to see the traceback)\n"),
]


@pytest.mark.parametrize(("kind", "code", "line"), ENDS)
def test_the_exit_code_of_a_command(tmp_path: Path, kind: str, code: int, line: str) -> None:
    # core:CB-7
    shop = Shop(tmp_path, {"app/command/fail.py": FAILING})
    done = shop.eggd("fail", kind)
    told = done.stderr.replace(str(shop.root / "app/command/fail.py"), "FILE")
    assert (done.returncode, told) == (code, line)


def test_the_debug_switch_shows_the_traceback(tmp_path: Path) -> None:
    # core:CB-7
    shop = Shop(tmp_path, {"app/command/fail.py": FAILING})
    assert "Traceback" in shop.eggd("fail", "bug", EGGD_DEBUG="1").stderr


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["gret"], "eggd: gret: unknown command (did you mean 'greet'?)"),
        (["usr"], "eggd: usr: unknown command (did you mean 'user'?)"),
        (["user", "ad"], "eggd user: ad: unknown command (did you mean 'add'?)"),
        (["greet", "a", "--lout"], "eggd greet: --lout: unknown option (did you mean '--loud'?)"),
        (["greet"], "missing argument 'NAME' (eggd greet --help)"),
    ],
)
def test_a_wrong_call_names_the_nearest(shop: Shop, arguments: list[str], line: str) -> None:
    """A wrong call fails with exit code 2 (core:CB-4)."""
    done = shop.eggd(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {line}\n")


def test_a_plugin_that_is_switched_on_elsewhere_has_commands_too(tmp_path: Path) -> None:
    """Its commands run, although `--help`, which runs no code, does not list them."""
    table = "import os\nmoney = dict(path=os.path.join('lib', 'money'))\n"
    shop = Shop(tmp_path, {"config/plugin.py": table})
    assert "plugin money" not in shop.line("--help")
    command = "import click\n\n@click.command()\ndef command():\n    click.echo('1')\n"
    make_app(shop.root, {"lib/money/command/price.py": command})
    assert shop.line("price") == "1"
    line = "error: eggd: prise: unknown command (did you mean 'price'?)\n"
    assert shop.eggd("prise").stderr == line


FRAMEWORK = """
    from pathlib import Path
    import eggd

    class Application(eggd.Application):
        root = Path(__file__).parent

    class Agent(eggd.Agent):
        root = Path(__file__).parent
    """


def test_a_framework_has_commands_for_all_its_apps(tmp_path: Path) -> None:
    """Its options may have the names of eggd's own parameters (core:BIN-15)."""
    command = """
        import click

        @click.command()
        @click.option("--place")
        @click.option("--names")
        @click.option("--callback")
        def command(place, names, callback):
            click.echo(f"{place} {names} {callback}")
        """
    project = '[project]\nname = "shop"\n[tool.eggd]\nframework = "acme"\n'
    shop = Shop(tmp_path, {"pyproject.toml": project})
    site = make_app(
        tmp_path / "site", {"acme/__init__.py": FRAMEWORK, "acme/command/db.py": command}
    )
    path = {"PYTHONPATH": f"{ROOT}:{site}"}
    said = shop.line("db", "--place", "a", "--names", "b", "--callback", "c", **path)
    assert said == "a b c"


def test_eggds_own_commands_stay(tmp_path: Path) -> None:
    text = '"""Something else."""\n'
    shop = Shop(tmp_path, {"app/command/version.py": text, "app/command/t/x.py": text})
    listed = shop.line("--help")
    assert "  version   (hidden by a command of the same name)" in listed
    assert "  t x       (hidden by a command of the same name)" in listed
    assert shop.line("version").startswith("eggd ")


def test_a_command_works_where_the_plugins_do_not(tmp_path: Path) -> None:
    shop = Shop(tmp_path, {"config/plugin.py": "money = {'path': 'lib/nothing'}\n"})
    assert shop.line("greet", "ada") == "hi, ada no"
    done = shop.eggd("user", "add")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "lib/nothing" in done.stderr


def test_outside_of_an_app_only_our_commands_are_listed(shop: Shop) -> None:
    """Outside of an app only eggd's own commands are suggested."""
    names = ", ".join(entry.name for entry in COMMANDS)
    line = f"error: eggd: grx: unknown command (commands: {names})\n"
    assert shop.host.eggd("grx").stderr == line
    assert "Commands of" not in shop.host.eggd("--help").stdout


POINTS = """
    [eggd.commands]
    db.migrate = acme_db:migrate
    broken = acme_db:nothing
    """


def test_packages_have_commands_by_entry_points(tmp_path: Path) -> None:
    """A company's own tool is a package with commands (core:BIN-15)."""
    code = 'import click\n\n@click.command()\ndef migrate():\n    click.echo("done")\n'
    files = {"acme_db.py": code, "acme_db-1.0.dist-info/entry_points.txt": POINTS}
    site = make_app(
        tmp_path / "site", {**files, "acme_db-1.0.dist-info/METADATA": "Name: acme-db\n"}
    )
    host = Host(tmp_path)
    path = {"PYTHONPATH": f"{ROOT}:{site}"}
    text = host.eggd("--help", **path).stdout
    assert "Commands of the package acme_db:\n" in text
    assert "  db migrate  acme_db:migrate\n" in text
    assert host.eggd("db", "migrate", **path).stdout == "done\n"
    broken = host.eggd("broken", **path).stderr
    assert broken.startswith("error: entry point broken = acme_db:nothing: AttributeError: ")
    assert broken.count("\n") == 1


def test_completion_includes_them(shop: Shop) -> None:
    # core:CB-9
    asked = {"_EGGD_COMPLETE": "bash_complete", "COMP_WORDS": "eggd us", "COMP_CWORD": "1"}
    done = shop.host.run("eggd", **asked)
    assert done.stdout.strip() == ""
    words = f"eggd --base {shop.root} us"
    done = shop.host.run("eggd", **{**asked, "COMP_WORDS": words, "COMP_CWORD": "3"})
    assert done.stdout == "plain,user\n"
    words = f"eggd --base {shop.root} user a"
    done = shop.host.run("eggd", **{**asked, "COMP_WORDS": words, "COMP_CWORD": "4"})
    assert done.stdout == "plain,add\n"


def test_a_parameter_that_nothing_fills_is_named(tmp_path: Path) -> None:
    text = "import click\n\n@click.command()\ndef command(ap): ...\n"
    host = Host(tmp_path)
    folder = make_app(host.home / "shop", {"app/router.py": "", "app/command/greet.py": text})
    done = host.eggd("--base", str(folder), "greet")
    assert done.returncode == 1
    assert done.stderr == (
        f"error: {folder}/app/command/greet.py: command: no option or argument has the value of"
        " 'ap' (did you mean 'app'?)\n"
    )
