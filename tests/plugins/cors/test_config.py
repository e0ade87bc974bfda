"""Mistakes in the section `cors`, which end the start (known:KW-40, KW-43)."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.app.application import Application
from eggd.errors import EggError
from tests.app.loading import loaded

FILE = "config/config_default.py"


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (
            "{'origin': '*', 'credentials': True}",
            "cors.origin '*' and cors.credentials cannot be combined",
        ),
        ("{'origin': ['*', 'https://a.example']}", "'*' makes the other origins superfluous"),
        (
            "{'origin': re.compile('.*'), 'credentials': True}",
            "cors.origin: the pattern '.*' fits every origin",
        ),
        (
            "{'origin': re.compile('https?://.+'), 'credentials': True}",
            "cors.origin: the pattern 'https?://.+' fits every origin",
        ),
        *(
            (f"{{'origin': re.compile({pattern!r}), 'credentials': True}}", "fits every origin")
            for pattern in (".*", "https://.*", "http://.+", "https?://[^/]+")
        ),
        ("{'origin': lambda: 'x'}", "the function cannot be called with ctx"),
        ("{'origin': 'shop.example'}", "is not an origin (write 'https://shop.example')"),
        ("{'origin': 'https://shop.example/'}", "is not an origin (write 'https://shop.example')"),
        ("{'origin': 'https://shop.example/a?b'}", "(write 'https://shop.example')"),
        ("{'origin': 'https://shop.example:443'}", "(write 'https://shop.example')"),
        ("{'origin': 'http://shop.example:80'}", "(write 'http://shop.example')"),
        ("{'origin': 'https://sh\u00f6p.example'}", "(write the host in Punycode"),
        ("{'origin': 'https://*'}", "is not an origin (scheme, host"),
        ("{'origin': 'https://a.*.example'}", "is not an origin (scheme, host"),
        ("{'origin': ''}", "is not an origin (scheme, host"),
        ("{'origin': [7]}", "cors.origin: 7 is neither text nor a pattern"),
        ("{'origin': 7}", "cors.origin must be"),
        ("{'origin': _origin}", "the function must not be async (def origin(ctx): ...)"),
        ("{'allow_methods': ['GET,PUT']}", "cors.allow_methods: 'GET,PUT' is not a valid name"),
        ("{'allow_headers': ['x\\r\\ny']}", "is not a valid name"),
        ("{'expose_headers': ['*'], 'credentials': True}", "expose_headers: '*' has no meaning"),
        ("{'alow_origin': '*'}", "cors.alow_origin: unknown key"),
        ("{'match': '/a', 'ignore': '/b'}", "cors.match and cors.ignore cannot both be set"),
        ("{'origin': 'wss://shop.example'}", "(write 'https://shop.example')"),
        ("{'origin': 'https://shop.example:99999'}", "is not an origin (scheme, host"),
        ("{'origin': 'https://shop..example'}", "is not an origin (scheme, host"),
        ("{'origin': re.compile('shop.example')}", "fits no origin, which begins with a scheme"),
        ("{'allow_methods': ['put']}", "'put' is not a method of a request (did you mean 'PUT'?)"),
        ("{'allow_methods': ['GTE']}", "'GTE' is not a method of a request (did you mean 'GET'?)"),
        ("{'max_age': -1}", "cors.max_age must be 0 to 31536000 seconds"),
    ],
)  # fmt: skip
def test_a_mistake_is_an_error_at_the_start(tmp_path: Path, options: str, line: str) -> None:
    text = f"import re\nasync def _origin(ctx): ...\ncors = {options}\n"
    files = {"config/plugin.py": "cors = True\n", FILE: text}
    with pytest.raises(EggError) as caught:
        loaded(tmp_path / "shop", files)
    assert line in caught.value.line
    assert FILE in caught.value.line


def test_without_an_origin_the_start_warns(tmp_path: Path) -> None:
    files = {"config/plugin.py": "cors = True\n"}
    app = loaded(tmp_path / "shop", files)  # type: ignore[var-annotated]
    assert any("cors.origin is not set" in line for line in app.warnings)
    app.loggers.close()


@pytest.mark.parametrize(
    ("pattern", "warnings"),
    [
        (
            r"https://shop.example",
            [
                r"r'https://shop.example': '.' stands for any character (write r'https://shop\.example')"
            ],
        ),
        (
            r"https://.*shop\.example",
            [r"r'https://.*shop\.example' fits hosts of others that end with the same letters"],
        ),
        (r"https://(.+)\.shop\.example", []),
        (r"https?://(?:.*\.)?shop\.example(?::\d+)?", []),
        (r"https://preview-\d+\.example", []),
        (".*", []),
    ],
)
def test_a_loose_pattern_is_a_warning(tmp_path: Path, pattern: str, warnings: list[str]) -> None:
    """`evilshop.example` must not fit (known:KW-39)."""
    config = f"import re\ncors = {{'origin': ['https://a.b', re.compile(r'{pattern}')]}}\n"
    app: Application = loaded(tmp_path, {FILE: config, "config/plugin.py": "cors = True\n"})
    lines = [line.replace(f"{tmp_path}/", "") for line in app.warnings]
    assert lines == [f"{FILE}:2: cors.origin: the pattern {text}" for text in warnings]
