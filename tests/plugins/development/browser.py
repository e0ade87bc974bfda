"""A headless Chromium, driven by chromedriver's own protocol (W3C WebDriver) over loopback."""

from __future__ import annotations

import base64
import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

from tests.program import Program

_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--window-size=1400,1000"),
)
_PATIENCE = 120
"""Seconds for one command, on a machine that has other things to do."""


class Browser:
    """One browser window; each command waits for its response."""

    def __init__(self, port: int) -> None:
        self._http = HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
        self._session = ""

    def open(self, profile: str, *flags: str) -> None:
        """Starts Chromium on an empty profile."""
        arguments = [*_FLAGS, *flags, f"--user-data-dir={profile}"]
        wanted = {"browserName": "chrome", "goog:chromeOptions": {"args": arguments}}
        asked = {"capabilities": {"alwaysMatch": wanted}}
        self._session = f"/session/{self._ask('POST', '/session', asked)['sessionId']}"

    def close(self) -> None:
        """Ends Chromium."""
        if self._session:
            self._ask("DELETE", self._session)
        self._http.close()

    def go(self, url: str) -> None:
        """Loads a page; returns once it has loaded."""
        self._ask("POST", f"{self._session}/url", {"url": url})

    def run(self, script: str) -> Any:
        """Returns what the body of a function returns in the page."""
        return self._ask("POST", f"{self._session}/execute/sync", {"script": script, "args": []})

    def devtools(self, command: str, params: Mapping[str, object]) -> None:
        """Sends a command of Chromium's own protocol, such as Emulation.setEmulatedMedia."""
        self._ask("POST", f"{self._session}/goog/cdp/execute", {"cmd": command, "params": params})

    def screenshot(self) -> bytes:
        """Returns what the window shows, as PNG."""
        return base64.b64decode(self._ask("GET", f"{self._session}/screenshot"))

    def act(self, kind: str, *actions: dict[str, object], **source: object) -> None:
        """Perform input as a hand would: `key`, `pointer` or `wheel`."""
        steps = [{"type": kind, "id": kind, "actions": list(actions), **source}]
        self._ask("POST", f"{self._session}/actions", {"actions": steps})

    def press(self, key: str) -> None:
        """Presses and releases one key."""
        self.act("key", {"type": "keyDown", "value": key}, {"type": "keyUp", "value": key})

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        text = None if body is None else json.dumps(body)
        self._http.request(method, path, text, {"Content-Type": "application/json"})
        value = json.loads(self._http.getresponse().read())["value"]
        assert not (isinstance(value, dict) and "error" in value), value
        return value


@contextmanager
def browser(*flags: str) -> Iterator[Browser]:
    """Gives a browser; stops it and removes its profile afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile, _driver() as port:
        found = Browser(port)
        try:
            found.open(profile, *flags)
            yield found
        finally:
            found.close()


@contextmanager
def _driver() -> Iterator[int]:
    command = ["chromedriver", "--port=0"]
    with Program(command, stdout=subprocess.PIPE, text=True) as driver:
        assert driver.stdout is not None
        try:
            said = next(line for line in driver.stdout if "started successfully on port" in line)
            yield int(said.rstrip(".\n").rpartition(" ")[2])
        finally:
            driver.terminate()
