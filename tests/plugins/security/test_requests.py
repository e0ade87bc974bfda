"""Paths above the root, refused methods, redirects and lists of domains."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from eggd.plugins.security.origins import is_safe_domain
from tests.app.serving import Client
from tests.plugins.security.site import site


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/%2E%2E/", 400),
        ("/../", 400),
        ("/foo/%2E%2E/%2E%2E/", 400),
        ("/foo/%2E%2E/foo/%2E%2E/%2E%2E/", 400),
        ("/%2F.%2F.%2F.%2F.%2F..%2F..%2F..%2Fetc%2Fpasswd", 400),
        ("/old/%2e%2e/%2e%2e/etc/passwd", 400),
        ("/..%5c..%5cetc", 400),
        ("/%2E.%2E/", 404),
        ("/foo/%2E%2E/", 404),
        ("/foo/%2E%2E/foo/%2E%2E/", 404),
        ("/%252e%252e/", 404),
        ("/%2c%2f%", 404),
        ("/a..b", 404),
    ],
)
def test_paths(egg: Client, path: str, status: int) -> None:
    """As Egg has it (process:HDR-9)."""
    assert egg.get(path).status == status


def test_a_path_that_cannot_be_decoded_is_logged(egg: Client) -> None:
    """As Egg has it (process:HDR-9)."""
    egg.get("/%2c%2f%")
    assert "the path /%2c%2f% cannot be decoded" in (egg.log_dir / "egg-web.log").read_text()


@pytest.mark.parametrize(("method", "status"), [("TRACE", 405), ("TRACK", 405), ("OPTIONS", 200)])
def test_methods(egg: Client, method: str, status: int) -> None:
    """A method that the HTTP layer does not know is 501 before (process:HDR-8)."""
    assert egg.ask(method, "/").status in ((status, 501) if method == "TRACK" else (status,))


@pytest.mark.parametrize("options", ["'dta': False", "'dta': {'ignore': '/'}"])
def test_the_path_check_can_be_switched_off(tmp_path: Path, options: str) -> None:
    with site(tmp_path, f"security = {{{options}}}") as client:
        assert client.get("/%2E%2E/").status == 404


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("http://domain.com", "http://domain.com/"),
        (" https://a.b/c?d=e#f ", "https://a.b/c?d=e#f"),
        ("HTTP://A.b/C", "http://a.b/C"),
        ("", "/"),
        ("/a?b=c", "/a?b=c"),
        ("//evil.com", "/"),
        ("/\\evil.com", "/"),
        ("/\t/evil.com", "/%09/evil.com"),
        ("\t//evil.com", "/"),
        ("javascript:alert(1)", "/"),
        ("ftp://a.b/", "/"),
        ("baidu.com", "/"),
        ("../x", "/"),
        ("?a=b", "/"),
        ("http:///evil.com", "/"),
        ("http:/evil.com", "/"),
        ("http:evil.com", "/"),
        ("http://", "/"),
        ("http://a b/", "/"),
        ("http://a.b\\@evil.com", "/"),
        ("http://a.b\\.evil.com/", "/"),
        ("back", "/"),
    ],
)
def test_redirects(egg: Client, url: str, location: str) -> None:
    """As Egg has it (process:RED-1)."""
    answer = egg.get(f"/go?to={quote(url)}")
    assert (answer.status, answer.headers["Location"]) == (302, location)


@pytest.mark.parametrize(
    ("referer", "location"),
    [
        ("http://{}/a", "http://{}/a"),
        ("http://evil.com/a", "/"),
        ("//evil.com/login/", "/"),
        ("", "/"),
    ],
)
def test_back_leads_to_this_site(egg: Client, referer: str, location: str) -> None:
    """As Egg has it (process:RED-3, known:KW-27)."""
    host = f"127.0.0.1:{egg.port}"
    answer = egg.get("/go?to=back", referer=referer.format(host))
    assert answer.headers["Location"] == location.format(host)


LIST = "security = {'domain_white_list': ['a.com', '.b.com', '*.c.*', 'EVIL.org']}"


@pytest.mark.parametrize(
    ("url", "is_safe"),
    [
        ("http://a.com/x", True),
        ("http://www.a.com:8080/x", True),
        ("http://xb.com/", False),
        ("http://y.b.com/", True),
        ("http://x.c.org/", True),
        ("http://c.org/", False),
        ("http://evil.org/", True),
        ("http://a.com@evil.com/", False),
        ("http://evil.com/a.com", False),
        ("http://evil.com#a.com", False),
        ("http://evil.com\\@a.com", False),
        ("http://a.com\\@evil.com", False),
        ("http://a.com\\\\@evil.com/x", False),
        ("http://a.com%5C@evil.com", False),
        ("/x", True),
    ],
)
def test_a_list_of_domains(tmp_path: Path, url: str, is_safe: bool) -> None:
    """500 with a text, in prod a redirect to / (process:RED-2, RED-5)."""
    for env in ("unittest", "prod"):
        with site(tmp_path / env, LIST, env) as client:
            answer = client.get(f"/go?to={quote(url, safe='')}")
        if is_safe:
            assert (answer.status, answer.headers["Location"]) == (302, url)
        elif env == "prod":
            assert (answer.status, answer.headers["Location"]) == (302, "/")
            assert "[security] redirect: a security" in (client.log_dir / "egg-web.log").read_text()
        else:
            assert answer.status == 500
            errors = (client.log_dir / "common-error.log").read_text()
            assert "a security problem has been detected for url" in errors


def test_an_unsafe_redirect_leads_anywhere(tmp_path: Path) -> None:
    """As Egg has it (process:RED-3)."""
    with site(tmp_path, LIST) as client:
        assert client.get("/unsafe?to=http://evil.com/").headers["Location"] == "http://evil.com/"


@pytest.mark.parametrize(
    ("domain", "domains", "is_safe"),
    [
        ("foo.com", ["foo.com"], True),
        ("FOO.com", ["foo.COM"], True),
        ("www.foo.com", ["foo.com"], True),
        ("wwwfoo.com", ["foo.com"], False),
        ("foo.com", ["*.foo.com"], False),
        ("a.b.foo.com", ["*.foo.com"], True),
        ("foo.com.evil.org", ["foo.com"], False),
        ("foo", ["*"], True),
        ("http://foo.com/", ["http://foo.com/"], True),
        ("", [""], False),
        (None, ["foo.com"], False),
        (1, ["1"], False),
        ("foo.com", [], False),
    ],
)
def test_safe_domains(domain: object, domains: list[str], is_safe: bool) -> None:
    """As Egg has it (process:RED-4)."""
    assert is_safe_domain(domain, domains) == is_safe


def test_a_list_of_its_own_replaces_that_of_the_config(tmp_path: Path) -> None:
    """As Egg has it (process:RED-4)."""
    with site(tmp_path, LIST) as client:
        assert client.get("/domain?d=a.com").text == "true"
        assert client.get("/domain?d=a.com&l=x.com").text == "false"
