from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from eggd.config.section import coerce
from eggd.errors import ConfigError
from eggd.log import CustomLogger, LoggerConfig, Loggers, setup_console
from eggd.log.levels import ERROR, INFO, NONE, WARN
from tests.log.conftest import JOURNAL, MakeLoggers, Screen

Logs = Callable[[str], list[str]]


def names(paths: list[Path]) -> list[str]:
    return sorted(path.name for path in paths)


def test_files_of_a_worker(loggers: Loggers, logs: Logs) -> None:
    """App, core and errors have a file each (process:LOG-2)."""
    loggers.logger.info("app")
    loggers.core_logger.info("core")
    loggers.error_logger.error("error")
    assert logs("shop-web.log") == ["INFO app"]
    assert logs("egg-web.log") == ["INFO core"]
    assert logs("common-error.log") == ["ERROR error"]


def test_files_of_the_agent(make: MakeLoggers, logs: Logs) -> None:
    """Both loggers of the agent share a file (process:LOG-2)."""
    agent = make("agent")
    agent.logger.info("app")
    agent.core_logger.error("core")
    assert logs("egg-agent.log") == ["INFO app", "ERROR core"]
    assert names(agent.files()) == ["common-error.log", "egg-agent.log"]


def test_the_suite_has_more_files_than_a_process(make: MakeLoggers, tmp_path: Path) -> None:
    """Custom loggers have files of their own; names can be chosen (process:LOG-2, LOG-3)."""
    audit = tmp_path / "audit.log"
    custom = {"audit": CustomLogger(file=str(audit)), "pay": CustomLogger(file="pay.log")}
    loggers = make("agent", app_log_name="a.log", custom_logger=custom)
    expected = ["a.log", "audit.log", "common-error.log", "egg-agent.log", "egg-web.log", "pay.log"]
    assert names(loggers.suite_files()) == expected
    assert audit in loggers.suite_files()


@pytest.mark.parametrize(
    ("concentrate", "own", "common"),
    [("duplicate", 2, 1), ("redirect", 1, 1), ("ignore", 2, 0)],
)
def test_errors_are_concentrated(
    make: MakeLoggers, logs: Logs, screen: Screen, concentrate: str, own: int, common: int
) -> None:
    custom = CustomLogger(file="pay.log", concentrate_error=concentrate)  # type: ignore[arg-type]
    pay = make(custom_logger={"pay": custom}).get("pay")
    assert pay is not None
    pay.info("fine")
    pay.error("oops")
    assert (len(logs("pay.log")), len(logs("common-error.log"))) == (own, common)
    assert screen.lines == ["<3>oops"]


def test_an_error_is_on_the_console_once_even_if_its_logger_is_not(
    make: MakeLoggers, screen: Screen
) -> None:
    quiet = make(custom_logger={"q": CustomLogger(file="q.log", console_level="none")}).get("q")
    assert quiet is not None
    quiet.warn("silent")
    quiet.error("oops")
    assert screen.lines == ["<3>oops"]


@pytest.mark.parametrize(
    ("role", "env", "asked", "config", "levels"),
    [
        ("application", "prod", None, {}, (WARN, INFO, ERROR)),
        ("agent", "prod", None, {}, (INFO, INFO, ERROR)),
        ("application", "local", None, {}, (WARN, INFO, ERROR)),
        ("application", "unittest", None, {}, (WARN, WARN, ERROR)),
        ("application", "prod", None, {"console_level": "info"}, (INFO, INFO, ERROR)),
        ("application", "prod", None, {"core_console_level": "NONE"}, (WARN, NONE, ERROR)),
        ("application", "prod", "error", {"console_level": "info"}, (ERROR, ERROR, ERROR)),
        ("application", "prod", "none", {}, (NONE, NONE, NONE)),
    ],
)
def test_console_levels_in_the_journal(
    tmp_path: Path,
    role: str,
    env: str,
    asked: str | None,
    config: dict[str, str],
    levels: tuple[int, int, int],
) -> None:
    with (tmp_path / "out").open("w") as file:
        console = setup_console(asked, "x", JOURNAL, file.fileno())
        section = LoggerConfig(dir=str(tmp_path), **config)  # type: ignore[arg-type]
        loggers = Loggers(section, "shop", role, env, console)
        made = (loggers.logger, loggers.core_logger, loggers.error_logger)
        assert tuple(logger.output.console_level for logger in made) == levels
        loggers.close()
        console.close()


@pytest.mark.parametrize("role", ["application", "agent"])
@pytest.mark.parametrize(
    ("env", "levels"), [("local", (INFO, WARN)), ("prod", (WARN, INFO)), ("unittest", (WARN, WARN))]
)
def test_a_terminal_shows_information_of_the_app_in_local(
    tmp_path: Path, role: str, env: str, levels: tuple[int, int]
) -> None:
    """`eggd dev` shows lines of `self.logger.info`, not those of a start (process:LOG-4, LOG-5)."""
    with (tmp_path / "out").open("w") as file:
        console = setup_console(None, "x", {**JOURNAL, "EGGD_TERMINAL": "1"}, file.fileno())
        loggers = Loggers(LoggerConfig(dir=str(tmp_path)), "shop", role, env, console)
        app, core = (each.output.console_level for each in (loggers.logger, loggers.core_logger))
        assert (
            (app, core) == levels if role == "application" or env == "local" else core == levels[1]
        )
        loggers.close()
        console.close()


@pytest.mark.parametrize(
    ("env", "levels"), [("local", (INFO, WARN)), ("prod", (INFO, INFO)), ("unittest", (WARN, WARN))]
)
def test_console_levels_elsewhere(tmp_path: Path, env: str, levels: tuple[int, int]) -> None:
    with (tmp_path / "out").open("w") as file:
        console = setup_console(None, "x", {}, file.fileno())
        section = LoggerConfig(dir=str(tmp_path))
        loggers = Loggers(section, "shop", "application", env, console)
        made = (loggers.logger, loggers.core_logger)
        assert tuple(logger.output.console_level for logger in made) == levels
        loggers.close()
        console.close()


def test_the_console_level_may_change(loggers: Loggers, screen: Screen) -> None:
    loggers.set_console_level("info")
    loggers.logger.info("now")
    with pytest.raises(ConfigError):
        loggers.set_console_level("loud")
    assert screen.lines == ["<6>now"]


def test_a_change_of_levels_is_announced(loggers: Loggers) -> None:
    """Of the console and of the logger, also by the logger that errors are concentrated in."""
    seen: list[bool] = []
    loggers.logger.watch_levels(lambda: seen.append(loggers.logger.is_on_console("INFO")))
    loggers.set_console_level("info")
    loggers.logger.level = "error"
    loggers.error_logger.disable("console")
    loggers.logger.disable("console")
    assert True in seen
    assert seen[-1] is False


@pytest.mark.parametrize(
    ("env", "allow", "written"),
    [("prod", False, []), ("prod", True, ["DEBUG x"]), ("local", False, ["DEBUG x"])],
)
def test_debug_lines_are_written_in_prod_only_if_allowed(
    make: MakeLoggers, logs: Logs, env: str, allow: bool, written: list[str]
) -> None:
    """In prod DEBUG means INFO (process:LOG-6)."""
    loggers = make(env=env, level="debug", allow_debug_at_prod=allow)
    loggers.logger.debug("x")
    assert logs("shop-web.log") == written


def test_unbuffered_lines_do_not_wait(make: MakeLoggers, logs: Logs) -> None:
    async def main() -> None:
        make(buffer=False).logger.info("x")
        assert logs("shop-web.log") == ["INFO x"]

    asyncio.run(main())


def test_reload_after_a_rename(loggers: Loggers, logs: Logs) -> None:
    """Lines from before are in the renamed file (process:LOG-12, LOG-62)."""

    async def main() -> None:
        loggers.logger.info("old")
        for path in loggers.files():
            path.rename(f"{path}.1")
        loggers.reload()
        loggers.logger.info("new")
        loggers.flush()

    asyncio.run(main())
    assert (logs("shop-web.log.1"), logs("shop-web.log")) == (["INFO old"], ["INFO new"])


def test_a_lost_directory_sends_every_line_to_the_journal(
    loggers: Loggers, screen: Screen, tmp_path: Path
) -> None:
    shutil.rmtree(loggers.dir)
    loggers.dir.write_text("in the way")
    loggers.logger.info("first")
    loggers.logger.info("second")
    loggers.logger.error("third")
    assert loggers.degraded.endswith("Not a directory")
    shown = [line for line in screen.lines if "its lines are written here" not in line]
    assert shown[0].endswith(" first")
    assert shown[1:] == ["<6>second", "<3>third"]


def test_a_reload_opens_a_restored_directory_again(
    loggers: Loggers, screen: Screen, logs: Logs
) -> None:
    shutil.rmtree(loggers.dir)
    loggers.dir.write_text("in the way")
    loggers.reload()
    assert loggers.degraded
    loggers.dir.unlink()
    loggers.reload()
    loggers.logger.info("back")
    assert (loggers.degraded, logs("shop-web.log")) == ("", ["INFO back"])
    assert f"<4>{loggers.dir}/shop-web.log is written again" in screen.lines


def test_after_close_lines_go_to_the_console(loggers: Loggers, screen: Screen) -> None:
    """A second close and a late line are harmless (process:LOG-61)."""
    loggers.close()
    loggers.close()
    loggers.logger.info("late")
    assert screen.lines[-1].endswith(" late")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"level": "loud"},
            "logger.level must be one of DEBUG, INFO, WARN, ERROR, NONE, not 'loud'",
        ),
        ({"custom_logger": {"a": {}}}, "logger.custom_logger.a.file is missing"),
        (
            {"custom_logger": {"a": {"file": "a", "level": "x"}}},
            "logger.custom_logger.a.level must be one of DEBUG, INFO, WARN, ERROR, NONE, not 'x'",
        ),
        (
            {"max_buffer_length": 0},
            "logger.max_buffer_length must be a whole number from 1 to 1000000, not 0",
        ),
    ],
)
def test_bad_config(values: dict[str, object], message: str) -> None:
    """A wrong level, and a custom logger without a file, end the start (process:LOG-67)."""
    with pytest.raises(ConfigError) as caught:
        coerce(LoggerConfig, values, ("logger",), lambda _: "config.py")
    assert caught.value.message == f"config.py: {message}"


def test_a_config_without_a_directory(screen: Screen) -> None:
    with pytest.raises(ConfigError, match=r"logger\.dir must be an absolute path, not ''"):
        Loggers(LoggerConfig(), "shop", "application", "prod", screen.console)


def test_durations_are_coerced() -> None:
    values = {"flush_interval": "500ms", "custom_logger": {"pay": {"file": "pay.log"}}}
    section = coerce(LoggerConfig, values, ("logger",), lambda _: "config.py")
    assert section.flush_interval == 0.5
    assert section.custom_logger["pay"].file == "pay.log"


def test_the_logger_of_errors_takes_only_errors(loggers: Loggers, logs: Logs) -> None:
    """Its lowest level is ERROR, whatever `level` says (process:LOG-10)."""
    loggers.error_logger.warning("no")
    loggers.error_logger.error("yes")
    assert logs("common-error.log") == ["ERROR yes"]


def test_egg_log_is_the_level_of_every_console(tmp_path: Path) -> None:
    """The levels of files stay (process:LOG-7)."""
    shown = tmp_path / "shown"
    with shown.open("a") as file:
        console = setup_console("ERROR", "test", {}, file.fileno())
        config = LoggerConfig(dir=str(tmp_path), console_level="DEBUG")
        loggers = Loggers(config, "shop", "application", "prod", console)
        loggers.logger.info("in the file")
        loggers.logger.error("on both")
        loggers.close()
        console.close()
    assert [line.rpartition(": ")[2] for line in shown.read_text().splitlines()] == ["on both"]
    assert (tmp_path / "shop-web.log").read_text().count("\n") == 2
