"""One Debian with systemd as PID 1, booted by systemd-nspawn from an overlay.

Needs root, no terminal and no systemd outside. Every container has a cgroup leaf of its own (two
containers below one leaf share `/payload` and kill each other's processes) and all mounts stay in
this process's own mount namespace, so that nothing outlives it but empty folders.
Standard library only: `make run` uses it before anything is installed.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
CGROUPS = Path("/sys/fs/cgroup")
# First part of the names of cgroups and folders; the maker's pid follows.
DISPOSABLE = "eggd-host"
LINGERING = "eggd-run"
BOOT_SECONDS = 60
STOP_SECONDS = 120
INSIDE = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/root",
    "TERM": "dumb",
    "SYSTEMD_PAGER": "",
    "SYSTEMD_COLORS": "0",
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBCONF_NOWARNINGS": "yes",
}


def private_mounts() -> None:
    """Gives this process a mount namespace of its own; call it before the first container."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS):
        code = ctypes.get_errno()
        raise OSError(code, f"booted hosts need root: unshare: {os.strerror(code)}")
    subprocess.run(["mount", "--make-rprivate", "/"], check=True)


class Container:
    """A root file system laid over `layers`, and the systemd that runs in it.

    `layers` are directories, topmost first; they are not changed. What the container writes is
    in memory and gone after `remove`. `lingers`: it outlives this process (`make run`).
    """

    def __init__(
        self,
        name: str,
        layers: Sequence[Path],
        *,
        host_network: bool = False,
        lingers: bool = False,
    ) -> None:
        self.name = f"{name}-{secrets.token_hex(3)}"
        self.label = f"{LINGERING if lingers else DISPOSABLE}-{os.getpid()}-{self.name}"
        self.directory = Path(tempfile.gettempdir()) / self.label
        self.directory.mkdir(mode=0o700)
        self.root = self.directory / "root"
        self.leader = 0
        self._host_network = host_network
        self._lingers = lingers
        self._process: subprocess.Popen[bytes] | None = None
        _mount("tmpfs", self.directory, "mode=0755", kind="tmpfs")
        for part in ("root", "upper", "work"):
            (self.directory / part).mkdir()
        lower = ":".join(map(str, layers))
        options = f"lowerdir={lower},upperdir={self.upper},workdir={self.directory}/work"
        _mount("overlay", self.root, options, kind="overlay")

    @property
    def upper(self) -> Path:
        """The files that the container has written; a layer for others once it is unmounted."""
        return self.directory / "upper"

    @property
    def pid(self) -> int:
        """Pid of systemd-nspawn outside; SIGTERM to it shuts the container down in order."""
        assert self._process is not None
        return self._process.pid

    def boot(self) -> None:
        """Starts systemd and returns when it says that the boot is done."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            path = str(self.directory / "notify")
            Path(path).unlink(missing_ok=True)
            notify.bind(path)
            notify.settimeout(BOOT_SECONDS)
            options = ("--boot", "--notify-ready=yes", "--kill-signal=SIGRTMIN+3")
            self._process = self._spawn(*options, notify=path)
            self._await_ready(notify)
        self.leader = self._first_process()

    def execute(self, *command: str, until: str) -> None:
        """Starts a command as PID 1 instead, with a read-only root and a tmpfs on /tmp.

        Returns once its output has a line with the text `until`; SIGTERM to `pid` is passed on.
        """
        options = ("--read-only", "--tmpfs=/tmp:mode=1777", "--kill-signal=SIGTERM")
        self._process = self._spawn(*options, "--", *command)
        deadline = time.monotonic() + BOOT_SECONDS
        while until not in self.console:
            assert self._process.poll() is None, self.console
            assert time.monotonic() < deadline, f"no {until!r} in {BOOT_SECONDS} s\n{self.console}"
            time.sleep(0.05)
        self.leader = self._first_process()

    def wait(self) -> int:
        """Waits until PID 1 has ended; returns its exit code."""
        assert self._process is not None
        return self._process.wait(STOP_SECONDS)

    def _first_process(self) -> int:
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return int(children[0])

    def _spawn(self, *arguments: str, notify: str = "") -> subprocess.Popen[bytes]:
        command = [
            "systemd-nspawn",
            "--quiet",
            f"--directory={self.root}",
            f"--machine={self.name}",
            "--register=no",
            "--keep-unit",
            "--console=pipe",
            "--resolv-conf=off",
            "--timezone=off",
            "--link-journal=no",
        ]
        if not self._host_network:
            command.append("--private-network")
        with (self.directory / "console").open("ab") as console:
            return subprocess.Popen(
                [*command, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=subprocess.STDOUT,
                env={"PATH": INSIDE["PATH"]} | ({"NOTIFY_SOCKET": notify} if notify else {}),
                preexec_fn=_leaf_entry(_leaves(self.label), lingers=self._lingers),
                start_new_session=True,
            )

    def _await_ready(self, notify: socket.socket) -> None:
        while True:
            try:
                lines = notify.recv(4096).decode().splitlines()
            except TimeoutError:
                raise RuntimeError(
                    f"{self.name}: no boot in {BOOT_SECONDS} s\n{self.console}"
                ) from None
            if "READY=1" in lines:
                return

    @property
    def console(self) -> str:
        """The output of systemd and nspawn so far."""
        return (self.directory / "console").read_text(errors="replace")

    def command(self, *argv: str, env: Mapping[str, str] | None = None) -> list[str]:
        """`argv` as a command line for this machine that runs inside, with a clean environment."""
        pairs = [f"{key}={value}" for key, value in (INSIDE | dict(env or {})).items()]
        enter = ["nsenter", "-t", str(self.leader), "-a", "-r", "-w", "--", "env", "-i", *pairs]
        # nsenter forks: its end must be the end of the command, too.
        return [*enter, "setpriv", "--pdeathsig", "KILL", "--", *argv]

    def network_command(self, *argv: str) -> list[str]:
        """`argv` as a command line for a program of this machine, in the container's network."""
        return ["nsenter", "-t", str(self.leader), "-n", "--", *argv]

    def connect(self, port: int, timeout: float = 10) -> socket.socket:
        """Opens a TCP connection from this process to the container's 127.0.0.1:port."""
        return self._in_network(lambda: socket.create_connection(("127.0.0.1", port), timeout))

    def listen(self, port: int) -> socket.socket:
        """Takes a TCP port of the container, on all addresses, for this process."""
        return self._in_network(
            lambda: socket.create_server(("::", port), family=socket.AF_INET6, dualstack_ipv6=True)
        )

    def _in_network(self, make: Callable[[], socket.socket]) -> socket.socket:
        # A socket belongs to the network its thread was in when it was made
        # (network_namespaces(7)): a thread of its own leaves all others where they are.
        outcome: list[socket.socket | OSError] = []

        def work() -> None:
            try:
                with open(f"/proc/{self.leader}/ns/net") as namespace:
                    if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET):
                        raise OSError(ctypes.get_errno(), "setns")
                outcome.append(make())
            except OSError as exc:
                outcome.append(exc)

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        if isinstance(outcome[0], OSError):
            raise outcome[0]
        return outcome[0]

    def halt(self) -> None:
        """Shut down in order; killed when that takes longer than `STOP_SECONDS`."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.kill(self.leader, signal.SIGKILL)
            self._process.kill()
            self._process.wait(STOP_SECONDS)
        self._process, self.leader = None, 0

    def unmount(self) -> None:
        """Lets go of the merged root, so that `upper` can be a layer of another container."""
        subprocess.run(["umount", str(self.root)], check=True)

    def kill(self) -> None:
        """Ends PID 1, and with it every process inside, without a shutdown."""
        if self._process is None:
            return
        if self._process.poll() is None:
            if self.leader:
                os.kill(self.leader, signal.SIGKILL)
            else:  # it did not boot
                self._process.kill()
        self._process.wait(STOP_SECONDS)
        self._process, self.leader = None, 0

    def remove(self) -> None:
        """Leaves nothing behind: processes, mounts, cgroups, folder.

        An orderly shutdown takes two seconds, and its effects would be removed as well.
        """
        self.kill()
        subprocess.run(["umount", "--lazy", str(self.root)], check=False, stderr=subprocess.DEVNULL)
        subprocess.run(["umount", "--lazy", str(self.directory)], check=True)
        remove_traces(self.label)


def _leaves(label: str) -> list[Path]:
    """One cgroup in every hierarchy that systemd inside a container will use."""
    if (CGROUPS / "cgroup.procs").exists():
        return [CGROUPS / label]
    return [tree / label for tree in (CGROUPS / "systemd", CGROUPS / "unified") if tree.is_dir()]


def _leaf_entry(leaves: Sequence[Path], *, lingers: bool) -> Callable[[], None]:
    """Returns the function that the child calls before exec: enter its leaves, die with us."""
    for leaf in leaves:
        leaf.mkdir(exist_ok=True)
    # Looked up before the fork, and written without a buffer: a lock that another thread holds at
    # the fork, such as that of dlsym(3), is held for ever in the child.
    prctl = ctypes.CDLL(None).prctl
    paths = [str(leaf / "cgroup.procs") for leaf in leaves]

    def enter() -> None:
        for path in paths:
            fd = os.open(path, os.O_WRONLY)
            os.write(fd, b"0")
            os.close(fd)
        if not lingers:
            prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    return enter


def remove_traces(label: str) -> None:
    """Removes the folder and the cgroups of a container that is down and unmounted."""
    for leaf in _leaves(label):
        for directory, _, _ in os.walk(leaf, topdown=False):
            with contextlib.suppress(OSError):
                os.rmdir(directory)
    with contextlib.suppress(OSError):
        (Path(tempfile.gettempdir()) / label).rmdir()


def sweep() -> None:
    """Removes what killed runs left (their mounts went with their namespace).

    Never what a run that lives has made: to remove a folder would unmount what is on it there.
    """
    folders = Path(tempfile.gettempdir()).glob(f"{DISPOSABLE}-*")
    for label in {path.name for path in (*folders, *CGROUPS.glob(f"*/{DISPOSABLE}-*"))}:
        owner = label.removeprefix(f"{DISPOSABLE}-").partition("-")[0]
        if owner.isdecimal() and not alive(int(owner)):
            remove_traces(label)


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie, which a slow PID 1 leaves for a while, does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def await_end(pid: int, seconds: float) -> bool:
    """Waits until a process that is not our child is gone; False when it is not after `seconds`."""
    deadline = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _mount(source: str, target: Path, options: str, *, kind: str) -> None:
    subprocess.run(["mount", "-t", kind, "-o", options, source, str(target)], check=True)
