"""The header fields of every response (process:SEC-7, HDR-1..7)."""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path

import pytest

from tests.app.serving import Answer, Client
from tests.plugins.security.site import site

EGG = {
    "X-Download-Options": "noopen",
    "X-Content-Type-Options": "nosniff",
    "X-XSS-Protection": "1; mode=block",
    "X-Frame-Options": "SAMEORIGIN",
}
ABSENT = ("Strict-Transport-Security", "Content-Security-Policy", "Referrer-Policy")
POLICY = (
    "default-src 'self';script-src 'self';object-src 'none';base-uri 'none';form-action 'self';"
    "frame-ancestors 'self'"
)
STRICT = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
EVERY = [
    ("/", 200),
    ("/missing", 404),
    ("/fail", 500),
    ("/go?to=/x", 302),
    ("/a.txt", 200),
    ("/stream", 200),
    ("/old/", 200),
    ("/%2e%2e/", 400),
]


def has(answer: Answer, fields: dict[str, str]) -> bool:
    return all(answer.headers.get_all(name) == [value] for name, value in fields.items())


@pytest.mark.parametrize(("path", "status"), EVERY)
def test_every_response_has_them(egg: Client, strict: Client, path: str, status: int) -> None:
    """Errors, redirects, files and mounted applications included (process:SEC-6, SEC-7)."""
    answer = egg.get(path)
    assert answer.status == status
    assert has(answer, EGG)
    assert not any(name in answer.headers for name in ABSENT)
    answer = strict.get(path)
    assert has(answer, STRICT)
    assert "X-XSS-Protection" not in answer.headers
    assert "camera=()" in answer.headers["Permissions-Policy"]


@pytest.mark.parametrize("request_", [b"GET / / HTTP/1.1\r\n\r\n", b"NO SUCH\r\n\r\n"])
def test_malformed_requests_too(egg: Client, request_: bytes) -> None:
    with socket.create_connection(("127.0.0.1", egg.port), timeout=10) as raw:
        raw.sendall(request_)
        data = raw.recv(4096)
    assert data.startswith(b"HTTP/1.1 4")
    for name, value in EGG.items():
        assert f"\r\n{name}: {value}\r\n".encode() in data


def test_a_refused_request_has_them(egg: Client) -> None:
    answer = egg.ask("POST", "/", b"")
    assert answer.status == 403
    assert has(answer, EGG)


def test_a_handler_cannot_set_them(egg: Client) -> None:
    """Egg's middleware run after the handler (process:SEC-6)."""
    assert has(egg.get("/own"), EGG)
    assert "X-Frame-Options of a handler has no effect" in (egg.log_dir / "egg-web.log").read_text()


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        ("'xframe': {'value': 'DENY'}", "X-Frame-Options", "DENY"),
        ("'xframe': {'value': 'ALLOW-FROM http://x'}", "X-Frame-Options", "ALLOW-FROM http://x"),
        ("'xframe': {'value': ''}", "X-Frame-Options", "SAMEORIGIN"),
        ("'xframe': {'enable': False}", "X-Frame-Options", None),
        ("'xframe': False", "X-Frame-Options", None),
        ("'hsts': {'enable': True}", "Strict-Transport-Security", "max-age=31536000"),
        (
            "'hsts': {'enable': True, 'max_age': 10, 'include_subdomains': True}",
            "Strict-Transport-Security",
            "max-age=10; includeSubdomains",
        ),
        (
            "'hsts': dict(enable=True, max_age='365d', include_subdomains=True, preload=True)",
            "Strict-Transport-Security",
            "max-age=31536000; includeSubdomains; preload",
        ),
        ("'xss_protection': {'value': '0'}", "X-XSS-Protection", "0"),
        ("'xss_protection': {'value': 0}", "X-XSS-Protection", "0"),
        ("'noopen': False", "X-Download-Options", None),
        ("'nosniff': False", "X-Content-Type-Options", None),
        (
            "'referrer_policy': {'enable': True}",
            "Referrer-Policy",
            "no-referrer-when-downgrade",
        ),
        ("'referrer_policy': {'enable': True, 'value': 'origin'}", "Referrer-Policy", "origin"),
        ("'default_middleware': 'csrf, hsts'", "X-Frame-Options", None),
        ("'default_middleware': ['xframe']", "X-Frame-Options", "SAMEORIGIN"),
        ("'xframe': {'match': '/api'}", "X-Frame-Options", None),
        ("'xframe': {'ignore': '/'}", "X-Frame-Options", None),
        ("'xframe': {'ignore': '/api'}", "X-Frame-Options", "SAMEORIGIN"),
        ("'xframe': {'match': '/', 'ignore': '/'}", "X-Frame-Options", "SAMEORIGIN"),
        (
            "'permissions_policy': {'enable': True, 'policy': {'geolocation': ['self', 'https://a.b']}}",
            "Permissions-Policy",
            'geolocation=(self "https://a.b")',
        ),
        (
            "'csp': {'enable': True, 'policy': {'img-src': ['.a.com', 'b.com'], 'sandbox': True}}",
            "Content-Security-Policy",
            "img-src *.a.com b.com;sandbox",
        ),
        (
            "'csp': {'enable': True, 'report_only': True, 'policy': {'img_src': 'x.y'}}",
            "Content-Security-Policy-Report-Only",
            "img-src x.y",
        ),
        (
            "'csp': {'enable': True, 'policy': {'script-src': \"'nonce-own'\", 'a-b': False}}",
            "Content-Security-Policy",
            "script-src 'nonce-own'",
        ),
    ],
)
def test_options(tmp_path: Path, options: str, name: str, value: str | None) -> None:
    """As Egg has it (process:HDR-1, HDR-2, HDR-4, HDR-5, HDR-7, SEC-1, SEC-3 and SEC-4)."""
    with site(tmp_path, f"security = {{{options}}}") as client:
        assert client.get("/").headers[name] == value


def test_the_nonce_of_egg_is_in_every_response(tmp_path: Path) -> None:
    """A nonce is new for each request; the config does not change (process:HDR-5, HDR-6)."""
    policy = "{'script-src': [\"'self'\"], 'img-src': 'a.com'}"
    with site(tmp_path, f"security = {{'csp': {{'enable': True, 'policy': {policy}}}}}") as client:
        first, second = client.get("/nonce"), client.get("/fail")
    nonce = first.text.split()[0]
    assert first.text == f"{nonce} {nonce}"
    assert re.fullmatch("[A-Za-z0-9_-]{16}", nonce)
    text = f"script-src 'self' 'nonce-{nonce}';img-src a.com"
    assert first.headers["Content-Security-Policy"] == text
    assert first.headers["X-CSP-Nonce"] == nonce
    other = second.headers["X-CSP-Nonce"]
    assert other != nonce
    assert f"'nonce-{other}'" in second.headers["Content-Security-Policy"]


def test_a_strict_policy_has_a_nonce_where_a_page_uses_it(strict: Client) -> None:
    nonce = strict.get("/nonce").text.split()[0]
    answer = strict.get("/nonce")
    nonce = answer.text.split()[0]
    policy = answer.headers["Content-Security-Policy"]
    assert policy == POLICY.replace("script-src 'self'", f"script-src 'self' 'nonce-{nonce}'")
    assert has(strict.get("/"), STRICT)


def test_internet_explorer_gets_the_older_name(tmp_path: Path) -> None:
    policy = "'policy': {'img-src': 'a.com'}, 'support_ie': True"
    with site(tmp_path, f"security = {{'csp': {{'enable': True, {policy}}}}}") as client:
        old, new = client.ask("GET", "/", headers={"User-Agent": "a MSIE 10.0"}), client.get("/")
    assert old.headers["X-Content-Security-Policy"] == "img-src a.com"
    assert "Content-Security-Policy" not in old.headers
    assert new.headers["Content-Security-Policy"] == "img-src a.com"


@pytest.mark.parametrize(
    ("options", "name", "value"),
    [
        ({"xframe": {"value": "DENY"}}, "X-Frame-Options", "DENY"),
        ({"xframe": {"enable": False}}, "X-Frame-Options", None),
        ({"xframe": False}, "X-Frame-Options", None),
        ({"hsts": {"max_age": 1}}, "Strict-Transport-Security", "max-age=1"),
        ({"noopen": {"enable": False}}, "X-Download-Options", None),
        ({"nosniff": {"enable": False}}, "X-Content-Type-Options", None),
        ({"xss_protection": {"value": 0}}, "X-XSS-Protection", "0"),
        ({"referrer_policy": {"value": "origin"}}, "Referrer-Policy", "origin"),
    ],
)
def test_a_handler_changes_one_response(
    strict: Client, egg: Client, options: object, name: str, value: str | None
) -> None:
    """`ctx.security_options` (process:SEC-5)."""
    for client in (strict, egg):
        headers = {"Content-Type": "application/json", "Cookie": "csrfToken=a", "x-csrf-token": "a"}
        answer = client.ask("POST", "/options", json.dumps(options).encode(), headers)
        assert (answer.status, answer.headers[name]) == (200, value)
    assert has(egg.get("/"), EGG)
    assert has(strict.get("/"), STRICT)


BARE = "object-src 'none';base-uri 'none';form-action 'self';frame-ancestors 'self'"
POLICIES = [
    ({"img-src": "a.com"}, f"{POLICY};img-src a.com"),
    ({"img_src": ["'self'", "data:"]}, f"{POLICY};img-src 'self' data:"),
    ({"script_src": False}, POLICY.replace("script-src 'self';", "")),
    ({"Default-Src": False, "script-src": "a.com"}, f"script-src a.com;{BARE}"),
    ({}, POLICY),
]


@pytest.mark.parametrize(("policy", "value"), POLICIES)
def test_a_strict_policy_keeps_the_directives_that_nothing_changes(
    tmp_path: Path, strict: Client, policy: object, value: str
) -> None:
    """In the config as in one response."""
    body = json.dumps({"csp": {"policy": policy}}).encode()
    answer = strict.ask("POST", "/options", body, {"Content-Type": "application/json"})
    assert re.sub(" 'nonce-[^']+'", "", answer.headers["Content-Security-Policy"]) == value
    config = f"security = {{'level': 'strict', 'csp': {{'policy': {policy}}}}}"
    with site(tmp_path, config) as client:
        assert client.get("/").headers["Content-Security-Policy"] == value


def test_a_policy_of_egg_is_the_whole_policy(egg: Client) -> None:
    """As Egg has it (process:HDR-5)."""
    headers = {"Content-Type": "application/json", "Cookie": "csrfToken=a", "x-csrf-token": "a"}
    body = json.dumps({"csp": {"policy": {"img-src": "a.com"}}}).encode()
    answer = egg.ask("POST", "/options", body, headers)
    assert answer.headers["Content-Security-Policy"] == "img-src a.com"


def test_strict_permissions_keep_the_features_that_nothing_changes(
    tmp_path: Path, strict: Client
) -> None:
    part = "'permissions_policy': {'policy': {'camera': ['self']}}"
    before = strict.get("/").headers["Permissions-Policy"]
    assert "camera=()" in before
    with site(tmp_path, f"security = {{'level': 'strict', {part}}}") as client:
        after = client.get("/").headers["Permissions-Policy"]
    assert after == before.replace("camera=()", "camera=(self)")


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"xfame": {}}, "'xfame' is unknown"),
        ({"xframe": {"valu": 1}}, "unknown key (did you mean 'value'?)"),
        ({"xframe": {"value": 5}}, "ctx.security_options['xframe'].value must be text, not 5"),
        ({"xframe": {"match": "/x"}}, "match has no effect on one response (remove the key)"),
        ({"hsts": {"max_age": "x"}}, "ctx.security_options['hsts'].max_age must be "),
        ({"coep": {"value": "nonsense"}}, "['coep'].value must be 'require-corp', 'cred"),
        ({"csp": {"enable": "yes"}}, "ctx.security_options['csp'].enable must be true, false"),
        ({"csp": {"policy": {"img-src": 5}}}, "['csp'].policy.img-src must be text, true"),
        ({"csp": {"policy": {"img-src": "'slef'"}}}, "'slef' is not a keyword"),
        ({"permissions_policy": {"policy": {"usb": True}}}, "policy.usb must be a list, not"),
        ({"xframe": 1}, "a dict, or False"),
        ({"referrer_policy": {"value": "nonsense"}}, "['referrer_policy'].value must be "),
        ({"csp": {"policy": {"img-src": "a.com;script-src *"}}}, "holds a separator"),
        ({"csp": {"policy": {"img-src": "a.com, b.com"}}}, "holds a separator"),
        ({"csp": {"policy": {"img-src": "a.com\r\nX-A: b"}}}, "holds a separator"),
        ({"csp": {"policy": {"img src": "a.com"}}}, "is not a directive"),
        ({"xframe": {"value": "DENY\r\nX-A: b"}}, "security.xframe.value: "),
    ],
)
def test_a_wrong_option_of_a_response_is_an_error(egg: Client, options: object, text: str) -> None:
    """The response is 500 with the usual fields (known:KW-25, process:HDR-7)."""
    headers = {"Content-Type": "application/json", "Cookie": "csrfToken=a", "x-csrf-token": "a"}
    answer = egg.ask("POST", "/options", json.dumps(options).encode(), headers)
    assert answer.status == 500
    assert text in (egg.log_dir / "common-error.log").read_text()
    assert "X-A" not in answer.headers
    assert has(answer, EGG)


def test_a_mount_may_be_exempt(tmp_path: Path) -> None:
    with site(tmp_path, "security = {'exempt_mounts': ['/old']}") as client:
        assert "X-Frame-Options" not in client.get("/old/").headers
        assert client.ask("POST", "/old/", b"").status == 200
        for path in ("/older/", "/"):
            assert has(client.get(path), EGG)
            assert client.ask("POST", path, b"").status == 403
