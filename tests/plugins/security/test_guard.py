"""The guard of usual requests answers as the whole one does, whatever the conditions are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.app.serving import Answer, Client
from tests.plugins.security.site import secret_of, site

SECURED = {
    "plain": "{}",
    "csrf": "{'csrf': {'ignore': '/api'}}",
    "regex": "{'csrf': {'match': re.compile('^/api')}}",
    "list": "{'csrf': {'ignore': ['/none', re.compile('^/o')]}}",
    "function": "{'csrf': {'ignore': lambda ctx: ctx.path == '/own'}}",
    "fields": "{'xframe': {'match': '/api'}, 'noopen': {'ignore': ['/own', '/api/pets']}}",
    "mount": "{'exempt_mounts': ['/old']}",
    "strict": "{'level': 'strict', 'csp': {'ignore': '/api'}}",
    "proxy": "{}\nproxy = True",
    "csp": "{'csp': {'enable': True, 'policy': {'script-src': 'a'}, 'match': '/api'}}",
}
PATHS = (
    *("/", "/own", "/API/pets/", "/api/pets?a=1", "/api//pets", "/%61pi/pets", "/api/../own"),
    *("/a.txt", "/old", "/older/x", "/old/../own", "/missing", f"/api/{'x' * 3000}"),
)
HEADS: tuple[dict[str, str], ...] = (
    {},
    {"Cookie": "csrfToken=abc"},
    {"Cookie": "a=1"},
    {"Cookie": "csrfToken="},
    {"Cookie": "csrfToken=; a=1"},
    {"Cookie": "b=csrfToken=x"},
    {"X-Note": "; csrfToken=abc"},
    {"X-Forwarded-Proto": "https"},
)


@pytest.mark.parametrize("name", SECURED)
def test_both_guards_answer_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    config = f"security = {SECURED[name]}"
    with site(tmp_path / "fast", config) as client:
        fast = answers(client)
    monkeypatch.setattr("eggd.plugins.security.security.Security.is_plain", False)
    with site(tmp_path / "whole", config) as client:
        assert answers(client) == fast


def answers(client: Client) -> dict[tuple[str, str, int], object]:
    """Returns status, fields and secret of the answer to each request."""
    return {
        (method, path, number): facts(client.ask(method, path, headers=head))
        for method in ("GET", "POST", "OPTIONS")
        for path in PATHS
        for number, head in enumerate(HEADS)
    }


def facts(answer: Answer) -> object:
    """Returns what does not differ from one answer to the next."""
    random = re.compile(r"nonce-[\w-]+|csrfToken=[\w-]+")
    fields = [
        (name, random.sub("", value))
        for name, value in answer.headers.items()
        if name.lower() not in ("date", "x-csp-nonce", "x-readtime")
    ]
    return answer.status, sorted(fields), bool(secret_of(answer))
