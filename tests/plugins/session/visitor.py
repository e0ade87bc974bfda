"""A browser that visits one site: it keeps the cookies that it gets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.app.serving import Answer, Client


@dataclass
class Visitor:
    """A browser: it keeps the cookies that it gets."""

    client: Client
    cookies: dict[str, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    """The Set-Cookie lines of the last answer."""

    def ask(
        self,
        path: str,
        body: object = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        sent = {**(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        data = None
        if body is not None:
            data, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
        answer = self.client.ask("POST" if data else "GET", path, data, sent)
        assert answer.status == status, answer.text
        self._take(answer)
        is_json = "json" in answer.headers.get("Content-Type", "")
        return json.loads(answer.body) if is_json else answer.text

    def _take(self, answer: Answer) -> None:
        self.lines = answer.headers.get_all("Set-Cookie", [])
        for line in self.lines:
            name, _, value = line.partition(";")[0].partition("=")
            if value and "1970" not in line:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
