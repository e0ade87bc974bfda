"""The plugin in separate runs of pytest: of an app, of a plugin, and in parallel."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from tests.house.imports import ROOT
from tests.testing.site import SHOP

pytestmark = pytest.mark.slow

PLUGIN = "eggd.testing.pytest_plugin"
PARTS = (PLUGIN, "eggd.testing.pytest_app", "eggd.testing.pytest_mocks")

BESIDE = ROOT / ".venv" / "pytest-asyncio"
"""The folder with pytest-asyncio, which the tests of eggd do not use."""

PLAIN = """
    def test_plain(client):
        assert client.get("/price").json()[0] == 3
    """


@pytest.fixture(autouse=True)
def here(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets the inner pytest find eggd, with the plugin loaded by name: it is not installed here."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{BESIDE}")
    more = "-p no:cacheprovider -o asyncio_default_fixture_loop_scope=function"
    monkeypatch.setenv("PYTEST_ADDOPTS", f"-p eggd.testing.pytest_plugin {more}")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)


def test_the_app_around_a_test_is_tested(pytester: pytest.Pytester) -> None:
    # core:MOCK-1
    make_app(
        pytester.path,
        {
            **SHOP,
            "tests/test_one.py": """
                def test_page(client, app, agent):
                    assert client.get("/").text == "hi, egg"
                    assert (app.env, app.agent, agent.type) == ("unittest", agent, "agent")

                def test_another_one(app, eggd_starter, app_dir):
                    assert eggd_starter.running_app(app_dir).app is app
                """,
        },
    )
    pytester.runpytest_subprocess().assert_outcomes(passed=2)
    assert not (pytester.path / "logs").exists()


@pytest.mark.parametrize(
    ("ini", "options"), [("eggd_base_dir = web", ""), ("", "--eggd-base-dir=web")]
)
def test_another_folder_can_be_configured(
    pytester: pytest.Pytester, ini: str, options: str
) -> None:
    # core:MOCK-1
    make_app(pytester.path / "web", SHOP)
    make_app(pytester.path, {"test_z.py": PLAIN, "pytest.ini": f"[pytest]\n{ini}"})
    pytester.runpytest_subprocess(*options.split()).assert_outcomes(passed=1)


def test_a_test_that_leaves_something_behind_fails(pytester: pytest.Pytester) -> None:
    # core:MOCK-13
    router = """
        import asyncio

        async def parent(ctx):
            await asyncio.Event().wait()

        def router(app):
            app.router.get("/", lambda ctx: ctx.run_in_background(parent))
        """
    files = {
        "app/router.py": router,
        "config/config_default.py": "close_timeout = 0.1",
        "test_one.py": "def test_page(client): client.get('/')\ndef test_two(client): pass",
    }
    make_app(pytester.path, files)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*background task of application does not end: parent"])


@pytest.mark.parametrize("order", [(PLUGIN, "other"), ("other", PLUGIN)])
def test_a_fixture_of_another_plugin_wins(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, order: tuple[str, ...]
) -> None:
    """A project that knows nothing of eggd has its own `client`, whatever is installed."""
    fixture = "import pytest\n\n@pytest.fixture\ndef {name}():\n    return 'mine'\n"
    files = {
        "other.py": fixture.format(name="client") + PROXY,
        "conftest.py": fixture.format(name="bus"),
        "test_one.py": "def test_one(client, bus): assert client == bus == 'mine'",
    }
    make_app(pytester.path, files)
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}:{pytester.path}")
    monkeypatch.setenv("PYTEST_ADDOPTS", " ".join(f"-p {name}" for name in order))
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_a_mistake_in_the_app_is_one_line(pytester: pytest.Pytester) -> None:
    """A start that fails fails the test (core:MOCK-1)."""
    files = {"app/router.py": "1 / 0", "test_one.py": "def test_page(client): pass"}
    make_app(pytester.path, files)
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*router.py:1: ZeroDivisionError: division by zero"])
    result.stdout.no_fnmatch_line("*Traceback*")


ASYNC = """
    import asyncio
    import pytest

    pytestmark = {mark}

    async def test_pages(async_client, app):
        own = asyncio.get_running_loop()
        pages = await asyncio.gather(*(async_client.get("/") for _ in range(3)))
        assert [page.text for page in pages] == ["hi, egg"] * 3
        assert asyncio.get_running_loop() is own
        assert app.current_context is not None

    async def test_a_service(running_app, mock_context):
        find = mock_context().service.admin.price.find
        assert await running_app.call(find("egg")) == 3

    async def test_as_a_plain_test_does(client, mock_service):
        mock_service("admin.price", "find", 9)
        assert client.get("/price").json()[0] == 9
    """
BACKEND = """
    import pytest

    @pytest.fixture
    def anyio_backend():
        return "asyncio"
    """
PROXY = """
class Proxy:
    def __getattribute__(self, name):
        raise RuntimeError("outside of a request")

current = Proxy()
"""
RUNNERS = {
    "anyio": ("-p no:asyncio", "pytest.mark.anyio"),
    "pytest-asyncio": ("-p no:anyio", "pytest.mark.asyncio"),
    "pytest-asyncio, auto": ("-p no:anyio -o asyncio_mode=auto", "[]"),
}


@pytest.mark.parametrize("runner", RUNNERS)
def test_async_tests_run_under_any_runner(pytester: pytest.Pytester, runner: str) -> None:
    """Also with a loop of their own they have their context (core:MOCK-13)."""
    options, mark = RUNNERS[runner]
    tests = {"test_a.py": ASYNC.format(mark=mark), "test_z.py": PLAIN, "conftest.py": BACKEND}
    make_app(pytester.path, {**SHOP, **tests})
    pytester.runpytest_subprocess(*options.split()).assert_outcomes(passed=4)


def test_runs_side_by_side_share_nothing(pytester: pytest.Pytester) -> None:
    """Pytest-xdist, each test in both processes at once (core:MOCK-1)."""
    text = """
        from pathlib import Path

        def test_page(client, running_app, worker_id, app_dir):
            assert client.get("/").text == "hi, egg"
            with client.websocket("/chat") as socket:
                socket.send("a")
                assert socket.receive() == "A"
            Path(app_dir, worker_id).write_text(f"{running_app.app.loggers.dir} {running_app.url}")
        """
    make_app(pytester.path, {**SHOP, "test_one.py": text})
    options = ["-p", "no:asyncio", "-n", "2", "--dist", "each"]
    pytester.runpytest_subprocess(*options).assert_outcomes(passed=2)
    one, two = ((pytester.path / name).read_text().split() for name in ("gw0", "gw1"))
    assert not {*one} & {*two}


def test_pytest_finds_it_where_eggd_is_installed(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--target", str(tmp_path)]
    subprocess.run([*pip, *offline, str(ROOT)], check=True)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.delenv("PYTEST_ADDOPTS")
    make_app(pytester.path, {**SHOP, "test_z.py": PLAIN})
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["plugins:*eggd-*"])


def test_an_unused_plugin_loads_nothing_of_eggd() -> None:
    """The entry point costs every pytest on the machine its import."""
    code = f"import sys, {PLUGIN}; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {name for name in done.stdout.split() if name.split(".")[0] == "eggd"}
    assert loaded == {"eggd", "eggd.version", "eggd.testing", *PARTS}
