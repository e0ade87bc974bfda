"""The check against cross-site requests (process:CSRF-1..18, known:KW-21..24)."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import urlencode

import pytest

from eggd.plugins.security.csrf_token import SecretSource, is_token, mask
from tests.app.serving import Client
from tests.plugins.security.site import secret_of, site

SECRET = "7cNOeRMXI2oOCt_Y3jGROInO"
TOKEN = "a1B2c3D4-CFTlDA0W-XSi14ae-IkdEyz2-18"
COOKIE = {"Cookie": f"a=b; csrfToken={SECRET}"}
FORM = "application/x-www-form-urlencoded"
MISSING = "missing csrf token"
INVALID = "invalid csrf token"


def post(client: Client, path: str = "/", body: str = "", **headers: str) -> str:
    """Returns the first words of the answer to a POST: "ok", or why it was refused."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.ask("POST", path, body.encode(), {"Accept": "application/json", **fields})
    if answer.status != 403:
        return "ok" if answer.status in (200, 404) else str(answer.status)
    message: str = json.loads(answer.body)["message"]
    return re.split(": (?=send|the request has|Sec-Fetch-Site|Origin)", message)[0]


@pytest.mark.parametrize("secret", [SECRET, "x", "a-b"])
def test_tokens(secret: str) -> None:
    """The vector of Egg, the secret itself, and masks of it (process:CSRF-7)."""
    assert is_token(TOKEN, SECRET)
    token = mask(secret)
    assert re.fullmatch("[A-Za-z0-9]{8}-[A-Za-z0-9_-]{27}", token)
    assert is_token(token, secret)
    assert is_token(secret, secret)
    assert mask(secret) != token
    for wrong in (
        "",
        token[:-1],
        token + "=",
        token.swapcase(),
        "é",
        f"{token}é",
        "-",
        "a1B2c3D4-",
    ):
        assert not is_token(wrong, secret)


def test_secrets_are_new_and_of_24_characters() -> None:
    source = SecretSource()
    secrets = {source.next() for _ in range(1000)}
    assert len(secrets) == 1000
    assert all(re.fullmatch("[A-Za-z0-9_-]{24}", each) for each in secrets)


@pytest.mark.parametrize("path", ["/", "/missing", "/fail", "/go?to=/", "/old/", "/stream"])
def test_the_first_request_gets_a_secret(egg: Client, path: str) -> None:
    """Also if it fails; 24 characters, for the browser's session, for scripts (process:CSRF-3)."""
    answer = egg.get(path)
    [line] = answer.headers.get_all("Set-Cookie", [])
    assert re.fullmatch("csrfToken=[A-Za-z0-9_-]{24}; path=/", line)
    assert secret_of(egg.ask("GET", path, headers=COOKIE)) == ""


@pytest.mark.parametrize(
    ("cookie", "is_set"),
    [
        ("csrfToken=a", False),
        ("a=b; csrfToken=a", False),
        ("a=b;csrfToken=a", False),
        ("xcsrfToken=a", True),
        ("csrfToken=", False),  # a page that uses ctx.csrf sends one
        ("csrfTokens=a", True),
        ("", True),
    ],
)
def test_a_secret_is_sent_without_one(egg: Client, cookie: str, is_set: bool) -> None:
    assert bool(secret_of(egg.get("/", cookie=cookie))) == is_set


def test_files_have_no_secret(egg: Client) -> None:
    assert "Set-Cookie" not in egg.get("/a.txt").headers


def test_a_refused_request_gets_a_secret(egg: Client) -> None:
    """A retry works (process:CSRF-3, CSRF-8)."""
    answer = egg.ask("POST", "/", b"")
    assert answer.status == 403
    secret = secret_of(answer)
    assert post(egg, Cookie=f"csrfToken={secret}", x_csrf_token=secret) == "ok"


@pytest.mark.parametrize(
    ("path", "content_type", "body", "headers", "problem"),
    [
        ("/", FORM, "", {}, MISSING),
        ("/", FORM, f"_csrf={SECRET}", {}, MISSING),
        ("/", FORM, "", COOKIE, INVALID),
        ("/", FORM, f"_csrf={SECRET}", COOKIE, "ok"),
        ("/", FORM, urlencode({"_csrf": TOKEN}), COOKIE, "ok"),
        ("/", FORM, f"_csrf={SECRET}x", COOKIE, INVALID),
        ("/", FORM, f"_csrf[]={SECRET}", COOKIE, INVALID),
        ("/", "application/json", json.dumps({"_csrf": TOKEN}), COOKIE, "ok"),
        ("/", "application/json", json.dumps({"_csrf": [TOKEN]}), COOKIE, INVALID),
        ("/", "application/json", "[]", COOKIE, INVALID),
        ("/", "text/plain", f"_csrf={SECRET}", COOKIE, INVALID),
        ("/", "text/plain", json.dumps({"_csrf": TOKEN}), COOKIE, INVALID),
        (f"/?_csrf={TOKEN}", FORM, "", COOKIE, "ok"),
        (f"/?_csrf={TOKEN}", FORM, "_csrf=wrong", COOKIE, "ok"),
        ("/?_csrf=wrong", FORM, f"_csrf={SECRET}", {**COOKIE, "x-csrf-token": TOKEN}, INVALID),
        ("/", FORM, "_csrf=wrong", {**COOKIE, "x-csrf-token": TOKEN}, INVALID),
        ("/", FORM, "", {**COOKIE, "X-CSRF-Token": TOKEN}, "ok"),
        ("/missing", FORM, "", {}, MISSING),
        ("/old/", FORM, "", {}, MISSING),
        ("/old/", FORM, "", {**COOKIE, "x-csrf-token": TOKEN}, "ok"),
        ("/old/", FORM, "", {"Sec-Fetch-Site": "same-origin"}, "ok"),
        ("/old/", FORM, "", {"Sec-Fetch-Site": "cross-site"}, "cross-site request"),
    ],
)
def test_tokens_of_requests(
    egg: Client, path: str, content_type: str, body: str, headers: dict[str, str], problem: str
) -> None:
    """Query, body, header; the first one counts (process:CSRF-6..8)."""
    assert post(egg, path, body, Content_Type=content_type, **headers) == problem


def test_the_text_says_how_to_send_the_token(egg: Client) -> None:
    answer = egg.ask("POST", "/", b"")
    assert "in the header x-csrf-token, or as _csrf in the query or body" in answer.text


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_methods_that_change_something_are_checked(egg: Client, method: str) -> None:
    """As Egg has it (process:CSRF-9)."""
    assert egg.ask(method, "/api/pets", b"").status == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_other_methods_are_not(egg: Client, method: str) -> None:
    """Whatever they come with (known:KW-24)."""
    headers = {"Origin": "null", "Sec-Fetch-Site": "cross-site"}
    assert egg.ask(method, "/", headers=headers).status in (200, 204)


@pytest.mark.parametrize("method", ["GET", "DELETE", "OPTIONS"])
def test_a_method_that_stands_for_another_is_checked(egg: Client, method: str) -> None:
    """Other frameworks failed here (known:KW-22)."""
    assert post(egg, "/", "", X_HTTP_Method_Override=method) == MISSING
    assert post(egg, "/", f"_method={method}", Content_Type=FORM) == MISSING


def test_a_method_of_no_registry_is_checked(tmp_path: Path) -> None:
    """Other frameworks failed here (known:KW-22)."""
    files = {"app/router.py": "def router(app):\n    app.router.all('/', lambda ctx: ctx.method)\n"}
    with site(tmp_path, files=files) as client:
        assert client.ask("PROPFIND", "/", b"").status == 403


def test_a_token_of_a_page_is_new_at_each_read(egg: Client) -> None:
    """As Egg has it (process:CSRF-7)."""
    first, second = egg.ask("GET", "/two", headers=COOKIE).text.split()
    assert first != second
    assert {post(egg, x_csrf_token=token, **COOKIE) for token in (first, second)} == {"ok"}


def test_a_page_for_a_new_visitor_has_a_valid_token(egg: Client) -> None:
    answer = egg.get("/csrf")
    cookie = f"csrfToken={secret_of(answer)}"
    assert post(egg, Cookie=cookie, x_csrf_token=answer.text) == "ok"


def test_a_secret_is_replaced(egg: Client) -> None:
    """Tokens of the older one fail then; nothing happens without one (process:CSRF-11)."""
    answer = egg.ask("GET", "/rotate", headers=COOKIE)
    cookie = f"csrfToken={secret_of(answer)}"
    assert post(egg, Cookie=cookie, x_csrf_token=answer.text) == "ok"
    assert post(egg, Cookie=cookie, x_csrf_token=TOKEN) == INVALID
    assert len(egg.get("/rotate").headers.get_all("Set-Cookie", [])) == 1


@pytest.mark.parametrize(("is_rotated", "count"), [(True, 1), (False, 0)])
def test_a_wrong_token_may_replace_the_secret(tmp_path: Path, is_rotated: bool, count: int) -> None:
    """As Egg has it (process:CSRF-11)."""
    config = f"security = {{'csrf': {{'rotate_when_invalid': {is_rotated}}}}}"
    with site(tmp_path, config) as client:
        answer = client.ask("POST", "/", b"", {**COOKIE, "x-csrf-token": "wrong"})
    assert answer.status == 403
    assert len(answer.headers.get_all("Set-Cookie", [])) == count


def test_two_cookies_of_the_name_are_refused(egg: Client) -> None:
    """One of them may be planted, so the secret is replaced (known:KW-23)."""
    cookie = f"csrfToken={SECRET}; csrfToken=planted"
    answer = egg.ask("POST", "/", b"", {"Cookie": cookie, "x-csrf-token": SECRET})
    assert answer.status == 403
    assert secret_of(answer) not in ("", SECRET, "planted")


@pytest.mark.parametrize(
    ("options", "headers", "problem"),
    [
        ("{}", {}, MISSING),
        ("False", {}, "ok"),
        ("{'enable': False}", {}, "ok"),
        ("{'ignore': '/'}", {}, "ok"),
        ("{'ignore': '/api'}", {}, MISSING),
        ("{'match': '/api'}", {}, "ok"),
        ("{'ignore': lambda ctx: ctx.get('x-own') == '1'}", {"X-Own": "1"}, "ok"),
        ("{'header_name': 'x-own'}", {**COOKIE, "X-Own": TOKEN}, "ok"),
        ("{'header_name': 'x-own'}", {**COOKIE, "X-CSRF-Token": TOKEN}, INVALID),
        ("{'cookie_name': ['new', 'csrfToken']}", {**COOKIE, "X-CSRF-Token": TOKEN}, "ok"),
        ("{'cookie_name': ['new', 'x']}", {**COOKIE, "X-CSRF-Token": TOKEN}, MISSING),
        (
            "{'cookie_domain': lambda ctx: ctx.get('host').split(':')[1]}",  # not at the start
            {**COOKIE, "X-CSRF-Token": TOKEN},
            "ok",
        ),
        (
            "{'cookie_name': '__Host-csrfToken'}",
            {"Cookie": f"__Host-csrfToken={SECRET}", "X-CSRF-Token": TOKEN},
            "ok",
        ),
        ("{'cookie_options': {'signed': True}}", {**COOKIE, "X-CSRF-Token": TOKEN}, MISSING),
        ("{'ignore_json': True}", {"Content-Type": "application/json"}, "ok"),
        ("{'ignore_json': True}", {"Content-Type": "application/x+json; charset=utf-8"}, "ok"),
        ("{'ignore_json': True}", {"Content-Type": "text/plain; application/json"}, MISSING),
        ("{'ignore_json': True}", {"Content-Type": ""}, MISSING),
        ("{'ignore_json': True}", {}, MISSING),
        ("{'supported_requests': []}", {}, "ok"),
        (
            "{'supported_requests': [{'path': re.compile('^/x'), 'methods': ['POST']}]}",
            {},
            "ok",
        ),
        ("{'type': 'all'}", {}, MISSING),
        ("{'type': 'all'}", {**COOKIE, "X-CSRF-Token": TOKEN}, "missing csrf referer"),
        (
            "{'type': 'any'}",
            {},
            "both ctoken and referer check error: missing csrf token, missing csrf referer",
        ),
        ("{'type': 'any'}", {**COOKIE, "X-CSRF-Token": TOKEN}, "ok"),
        ("{'type': 'any'}", {"Host": "a.b", "Referer": "http://a.b/c"}, "ok"),
    ],
)
def test_options(tmp_path: Path, options: str, headers: dict[str, str], problem: str) -> None:
    """As Egg has them (process:CSRF-1, CSRF-4, CSRF-9, CSRF-10, CSRF-13, CSRF-16; known:KW-21)."""
    with site(tmp_path, f"security = {{'csrf': {options}}}") as client:
        assert post(client, "/", **headers) == problem


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({}, "missing csrf referer"),
        ({"Referer": "http://shop.org/a"}, "ok"),
        ({"Referer": "https://shop.org/a"}, "ok"),
        ({"Referer": "http://SHOP.org:80/a"}, "ok"),
        ({"Referer": "http://shop.org:8080/a"}, "invalid csrf referer"),
        ({"Referer": "http://a.shop.org/"}, "ok"),
        ({"Referer": "http://wwwshop.org/"}, "invalid csrf referer"),
        ({"Referer": "http://nodejs.org/"}, "ok"),
        ({"Referer": "http://www.nodejs.org/"}, "ok"),
        ({"Referer": "http://dotted.org/"}, "ok"),
        ({"Referer": "http://a.dotted.org/"}, "ok"),
        ({"Referer": "http://wwwnodejs.org/"}, "invalid csrf referer"),
        ({"Referer": "http://nodejs.org!.evil.com/"}, "invalid csrf referer"),
        ({"Referer": "http://nodejs.org@evil.com/"}, "invalid csrf referer"),
        ({"Referer": "http://evil.com\\@shop.org/"}, "invalid csrf referer"),
        ({"Referer": "http://u@shop.org/"}, "invalid csrf referer"),
        ({"Referer": "http://shop.org/a@b"}, "ok"),
        ({"Referer": "http://evil.com/?shop.org"}, "invalid csrf referer"),
        ({"Referer": "/a"}, "invalid csrf referer"),
        ({"Referer": "shop.org"}, "invalid csrf referer"),
        ({"Referer": "http://[/"}, "invalid csrf referer"),
        ({"Referer": "file://shop.org/"}, "invalid csrf referer"),
        ({"Origin": "http://shop.org"}, "ok"),
        ({"Origin": "null"}, "invalid csrf referer"),
        ({"Origin": "http://evil.com"}, "invalid csrf referer"),
    ],
)
def test_referers(tmp_path: Path, headers: dict[str, str], problem: str) -> None:
    """Origin where Referer is missing (process:CSRF-12, known:KW-24)."""
    options = "{'type': 'referer', 'referer_white_list': ['nodejs.org', '.dotted.org']}"
    with site(tmp_path, f"security = {{'csrf': {options}}}") as client:
        assert post(client, "/", Host="shop.org", **headers) == problem


def test_the_session_keeps_the_secret(tmp_path: Path) -> None:
    """A planted cookie is worth nothing (process:CSRF-5, known:KW-23)."""
    with site(tmp_path, "security = {'csrf': {'use_session': True}}") as client:
        answer = client.get("/csrf")
        [line] = answer.headers.get_all("Set-Cookie", [])
        cookie = line.partition(";")[0]
        assert cookie.startswith("EGG_SESS=")
        assert post(client, Cookie=cookie, x_csrf_token=answer.text) == "ok"
        assert post(client, Cookie=cookie, x_csrf_token=TOKEN) == INVALID
        assert post(client, Cookie=f"csrfToken={SECRET}", x_csrf_token=SECRET) == INVALID


def test_options_of_the_cookie(tmp_path: Path) -> None:
    """As Egg has it (process:CSRF-3, CSRF-4)."""
    options = (
        "{'cookie_name': ['a', 'b'], 'cookie_domain': lambda ctx: 'x.org',"
        " 'cookie_options': {'max_age': 60, 'http_only': True, 'same_site': 'lax'}}"
    )
    with site(tmp_path, f"security = {{'csrf': {options}}}") as client:
        lines = client.get("/").headers.get_all("Set-Cookie", [])
    assert [line[:2] for line in lines] == ["a=", "b="]
    for line in lines:
        for text in ("domain=x.org", "httponly", "samesite=lax", "expires="):
            assert text in line.lower()


def test_an_ignored_page_has_no_token(tmp_path: Path) -> None:
    """As Egg has it (process:CSRF-16)."""
    with site(tmp_path, "security = {'csrf': {'ignore': '/csrf'}}") as client:
        answer = client.get("/csrf")
        assert (answer.text, secret_of(answer)) == ("", "")
        assert is_token(client.ask("GET", "/csrf", headers=COOKIE).text, SECRET)


def test_a_handler_may_check_a_request(egg: Client) -> None:
    """As Egg has it (process:CSRF-14)."""
    assert egg.ask("GET", "/assert").status == 403
    assert egg.ask("GET", f"/assert?_csrf={TOKEN}", headers=COOKIE).status == 200


@pytest.mark.parametrize(("env", "is_logged"), [("local", True), ("prod", False)])
def test_rejections_are_logged_in_development(tmp_path: Path, env: str, is_logged: bool) -> None:
    """As Egg has it (process:CSRF-15)."""
    with site(tmp_path, "", env) as client:
        assert client.ask("POST", "/", b"").status == 403
    log = (client.log_dir / "egg-web.log").read_text()
    assert ("[security] missing csrf token: see" in log) == is_logged


OWN = {"Host": "shop.org"}
PROVEN = {**COOKIE, "X-CSRF-Token": TOKEN}


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ({"Sec-Fetch-Site": "same-origin", **COOKIE}, "ok"),
        ({"Sec-Fetch-Site": "none", **COOKIE}, "ok"),
        ({"Sec-Fetch-Site": "same-site", **PROVEN}, "cross-site request"),
        ({"Sec-Fetch-Site": "cross-site", **PROVEN}, "cross-site request"),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://shop.org"}, "cross-site request"),
        ({"Sec-Fetch-Site": "nonsense", **PROVEN}, "cross-site request"),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://pay.org", **COOKIE}, "ok"),
        ({"Origin": "http://shop.org", **COOKIE}, "ok"),
        ({"Origin": "https://shop.org", **COOKIE}, "ok"),
        ({"Origin": "http://shop.org:8080", **COOKIE}, "cross-site request"),
        ({"Origin": "http://a.shop.org", **COOKIE}, "cross-site request"),
        ({"Origin": "http://pay.org", **COOKIE}, "ok"),
        ({"Origin": "null", **PROVEN}, "cross-site request"),
        ({"Origin": "http://evil.com", **PROVEN}, "cross-site request"),
        ({"Origin": "http://evil.com\\@pay.org", **PROVEN}, "cross-site request"),
        ({"Origin": "http://u@shop.org", **PROVEN}, "cross-site request"),
        ({}, "ok"),
        (COOKIE, INVALID),
        (PROVEN, "ok"),
        ({"Cookie": "a=b"}, MISSING),
        ({"Authorization": "Basic YTpi"}, MISSING),
    ],
)
def test_the_word_of_the_browser(tmp_path: Path, headers: dict[str, str], problem: str) -> None:
    """Level strict: Sec-Fetch-Site, else Origin, else a token; clients without cookies are free."""
    csrf = "'csrf': {'referer_white_list': ['pay.org']}"
    with site(tmp_path, f"security = {{'level': 'strict', {csrf}}}") as client:
        assert post(client, "/", **OWN, **headers) == problem


SITE = {"Host": "shop.org:8080"}
LISTED = "(security.csrf.referer_white_list has the hosts that may)"


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, f"a page of another site sent it {LISTED}"),
        ({"Sec-Fetch-Site": "same-site"}, "a page of another host, port or scheme sent it"),
        ({"Sec-Fetch-Site": "foo"}, "request: Sec-Fetch-Site has an unknown value ("),
        (
            {"Origin": "http://shop.org:81"},
            f"Origin is 'http://shop.org:81', which is not this host (shop.org:8080) {LISTED}",
        ),
        ({"Origin": "null"}, "request: Origin is 'null', which is not this host (shop.org:8080)"),
        ({"Origin": f"http://{'a' * 300}.org"}, f"Origin is 'http://{'a' * 93}', which"),
        ({"Cookie": "csrfToken=a; csrfToken=b", "x-csrf-token": "a"}, "has two cookies csrfToken"),
        ({"Cookie": "a=b"}, "as _csrf in the query or body"),
        ({"Authorization": "Bearer x"}, "; an API that only reads Authorization: name its paths"),
        ({"Authorization": "Bearer x", "Cookie": "a=b"}, "as _csrf in the query or body"),
    ],
)
def test_a_refusal_names_what_decided_and_the_key(
    strict: Client, headers: dict[str, str], text: str
) -> None:
    fields = {"Accept": "application/json", **SITE, **headers}
    answer = strict.ask("POST", "/", b"", fields)
    message: str = json.loads(answer.body)["message"]
    assert answer.status == 403
    assert text in message
    assert ("security.csrf.ignore" in message) == text.startswith(";")


def test_a_refused_referer_names_the_list(tmp_path: Path) -> None:
    with site(tmp_path, "security = {'csrf': {'type': 'referer'}}") as client:
        answer = client.ask("POST", "/", b"")
    assert "of a host in security.csrf.referer_white_list" in answer.text


def test_strict_pages_have_a_secret_where_they_use_it(tmp_path: Path) -> None:
    with site(tmp_path, "security = {'level': 'strict'}") as client:
        assert secret_of(client.get("/")) == ""
        answer = client.get("/csrf")
        assert is_token(answer.text, secret_of(answer))


@pytest.mark.parametrize("host", ["[::1]:80", "a%41.b", "(a).b", "shop.example"])
def test_any_valid_host_is_answered_with_the_shared_domain(tmp_path: Path, host: str) -> None:
    """A Host that no cookie can have as domain gets a cookie of this host alone."""
    config = "security = {'csrf': {'cookie_domain': lambda ctx: ctx.cookie_domain}}"
    with site(tmp_path, config) as client:
        answer = client.get("/", Host=host)
    assert answer.status == 200
    assert ("domain=" in answer.headers["set-cookie"]) == (host == "shop.example")
