"""Fixtures of the tests on booted hosts. Everything is made once and shared where that is harmless.

A host boots in half a second from three layers: the Debian base (cached on disk), eggd installed
by its name (once per run), and what the test itself writes (in memory).
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from tests.host import nspawn, repository, rootfs
from tests.host.host import Host
from tests.host.nspawn import Container
from tests.host.rootfs import SYSTEMS, Flavour

Boot = Callable[..., Host]


@pytest.hookimpl(tryfirst=True)  # before the root's, which deselects the soak
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder needs booted hosts.

    Each subject is tested on both Debian suites. Tests of our own commands, and further tests of a
    subject, have a mark `one_suite` and run on the other one in `make soak` only.
    """
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.host)
            if item.get_closest_marker("timeout") is None:
                item.add_marker(pytest.mark.timeout(480))
            if _is_on_another_suite(item):
                item.add_marker(pytest.mark.soak)


def _is_on_another_suite(item: pytest.Item) -> bool:
    only, callspec = item.get_closest_marker("one_suite"), getattr(item, "callspec", None)
    if only is None or callspec is None:
        return False
    flavour: Flavour = callspec.params["flavour"]
    return bool(flavour.suite != only.args[0])


def params(*flavours: Flavour, soak: Sequence[Flavour] = ()) -> list[ParameterSet]:
    """Returns parameters for `flavour`; pytest-xdist gives each Debian suite one process.

    So the layers of a suite are made once, and both suites boot side by side. Those of `soak` are
    run in `make soak` only.
    """
    marks = {each: [pytest.mark.xdist_group(each.suite)] for each in (*flavours, *soak)}
    for each in soak:
        marks[each].append(pytest.mark.soak)
    return [pytest.param(each, id=each.name, marks=marks[each]) for each in marks]


@pytest.fixture(scope="session", params=params(*SYSTEMS))
def flavour(request: pytest.FixtureRequest) -> Flavour:
    """The system of this test's hosts: Debian 12, then 13."""
    chosen: Flavour = request.param
    return chosen


@pytest.fixture(scope="session")
def deb(request: pytest.FixtureRequest) -> Path:
    """The package of this checkout (or EGGD_DEB, an absolute path)."""
    if given := os.environ.get("EGGD_DEB"):
        return Path(given)
    built: Path = request.getfixturevalue("checkout_deb")
    return built


@pytest.fixture(scope="session")
def checkout_deb(testrun_uid: str) -> Path:
    """The package in dist/, which is built once per run with the others beside it."""
    cache = rootfs.TOP / ".cache"
    cache.mkdir(exist_ok=True)
    with (cache / "deb.lock").open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.seek(0)
        run, _, name = lock.read().partition(" ")
        if run != testrun_uid:
            name = str(repository.build())
            lock.truncate(0)
            lock.write(f"{testrun_uid} {name}")
    return Path(name)


@dataclass(slots=True)
class Layers:
    """The layers below a host, topmost first; each is made when the first host needs it."""

    deb: Path
    stack: ExitStack
    made: dict[tuple[Flavour, tuple[str, ...]], Container] = field(default_factory=dict)
    failed: dict[tuple[Flavour, tuple[str, ...]], BaseException] = field(default_factory=dict)

    def base(self, flavour: Flavour, packages: tuple[str, ...] = ()) -> list[Path]:
        """Debian with everything that eggd depends on, and further packages."""
        with self._once(flavour, packages):
            return [rootfs.base(flavour, rootfs.depends_of(self.deb), packages)]

    def installed(self, flavour: Flavour, packages: tuple[str, ...] = ()) -> list[Path]:
        """The same with eggd installed by its name."""
        base, key = self.base(flavour, packages), (flavour, packages)
        if key not in self.made:
            with self._once(*key):
                self.made[key] = _installed(flavour, base, self.deb)
            self.stack.callback(self.made[key].remove)
        return [self.made[key].upper, *base]

    @contextmanager
    def _once(self, flavour: Flavour, packages: tuple[str, ...]) -> Iterator[None]:
        """Makes a layer. After a failure it is not tried again: each test would wait as long."""
        key = flavour, packages
        if key in self.failed:
            raise RuntimeError(f"the layer of {flavour.name} has failed") from self.failed[key]
        try:
            yield
        except BaseException as exc:
            self.failed[key] = exc
            raise


@pytest.fixture(scope="session")
def layers(deb: Path) -> Iterator[Layers]:
    """The layers of all hosts of this run."""
    nspawn.private_mounts()
    nspawn.sweep()
    with ExitStack() as stack:
        yield Layers(deb, stack)


def _installed(flavour: Flavour, base: list[Path], deb: Path) -> Container:
    host = Host(Container(f"{flavour.name}-layer", base))
    repository.offer(host.root, deb)
    try:
        host.boot()
        host.run("apt-get -q update && apt-get -q install -y eggd")
        as_layer(host)
    except BaseException:
        host.close()
        raise
    return host.container


def as_layer(host: Host) -> None:
    """Stops a host, so that others can be booted from what it has written (`boot(over=host)`)."""
    host.container.halt()
    # The layer's own boot is not part of any test's journal.
    for folder in (host.root / "var/log/journal").iterdir():
        shutil.rmtree(folder)
    (host.root / "etc/machine-id").write_text("")
    host.container.unmount()


@pytest.fixture(scope="module")
def module_boot(layers: Layers, flavour: Flavour) -> Iterator[Boot]:
    """`boot`, for hosts that the tests of one module share."""
    yield from boots(layers, flavour)


@pytest.fixture
def boot(layers: Layers, flavour: Flavour) -> Iterator[Boot]:
    """Boot hosts with eggd installed; all of them are gone after the test.

    boot(app=None, workers=1, prepare=None, installed=True, packages=(), over=None): `app` is a
    folder of apps/ (None: the welcome app); `prepare(host)` may write files before the boot;
    `packages` are Debian's, for a layer of their own; `over` is a host that is a layer now
    (`as_layer`), whose application and workers the new one has.
    """
    yield from boots(layers, flavour)


def boots(layers: Layers, flavour: Flavour) -> Iterator[Boot]:
    """Yields a function that boots hosts of one flavour; all of them are gone afterwards."""
    with ExitStack() as stack:

        def boot(
            app: str | None = None,
            *,
            workers: int = 1,
            prepare: Callable[[Host], None] | None = None,
            installed: bool = True,
            packages: tuple[str, ...] = (),
            over: Host | None = None,
        ) -> Host:
            layer = layers.installed if installed else layers.base
            above = [over.container.upper] if over else []
            host = Host(Container(flavour.name, [*above, *layer(flavour, packages)]))
            stack.callback(host.close)
            if installed and not over:
                host.enable(workers)
                host.configure()
            if app:
                host.serve(app, workers=workers)
            if prepare:
                prepare(host)
            host.boot()
            return host

        yield boot
