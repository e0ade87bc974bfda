"""Templates with tokens and nonces, and the domain of cookies (process:HLP-11, HLP-12)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eggd.plugins.security.cookie_domain import cookie_domain
from eggd.plugins.security.injection import inject_csrf, inject_hijacking_defense, inject_nonce
from tests.app.serving import Client
from tests.plugins.security.site import secret_of, site

FIELD = '\r\n<input type="hidden" name="_csrf" value="{{ctx.csrf}}" />'
ROUTER = """
    def page(ctx):
        template = ctx.app.jinja.from_string(ctx.app.inject_csrf(ctx.app.inject_nonce(PAGE)))
        return template.render(ctx=ctx)

    PAGE = "<form method=post></form><script>a</script>"

    def router(app):
        import jinja2
        app.jinja = jinja2.Environment(autoescape=True)
        app.get("/", page)
        app.post("/", lambda ctx: "saved")
        app.get("/domain", lambda ctx: [ctx.cookie_domain])
        app.get("/defense", lambda ctx: ctx.app.inject_hijacking_defense("a"))
        app.get("/mako", lambda ctx: ctx.app.inject_csrf("<form></form>", "${ctx.csrf}"))
"""


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("<form></form>", f"<form>{FIELD}</form>"),
        ('<form method="post">\na</form>b', f'<form method="post">\na{FIELD}</form>b'),
        ("<FORM>a</FORM >", f"<FORM>a{FIELD}</FORM >"),
        ("<form>a</form><form>b</form>", f"<form>a{FIELD}</form><form>b{FIELD}</form>"),
        ("<form action='/a > b'></form>", f"<form action='/a > b'>{FIELD}</form>"),
        ("<form action='{{ url }}'></form>", f"<form action='{{{{ url }}}}'>{FIELD}</form>"),
        *(
            (text, text)
            for text in (
                *('<form><input name="_csrf"></form>', "<form><input name='_csrf'></form>"),
                "<form method=post>{{ csrf_field() }}<button>Buy</button></form>",
                *("<form>", "</form>", "<formula></form>", "", "a < b > c"),
                *("<form method=get></form>", '<form class=a METHOD="GET" id=b></form>'),
                *("<form action=//evil.example></form>", "<form action='/\\evil.example'></form>"),
                '<form action="https://evil.example/a"></form>',
            )
        ),
    ],
)
def test_forms_get_the_field_once(text: str, result: str) -> None:
    # process:HLP-11
    assert inject_csrf(text, "_csrf", "{{ctx.csrf}}") == result
    assert inject_csrf(result, "_csrf", "{{ctx.csrf}}") == result


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("<script></script>", '<script nonce="{{ctx.nonce}}"></script>'),
        ("<script src=a.js></script>", '<script src=a.js nonce="{{ctx.nonce}}"></script>'),
        ("<SCRIPT\ntype='a > b'>", "<SCRIPT\ntype='a > b' nonce=\"{{ctx.nonce}}\">"),
        ("<script>a</script><script>b", '<script nonce="N">a</script><script nonce="N">b'),
        ("<script data-nonce=a>", '<script data-nonce=a nonce="{{ctx.nonce}}">'),
        *(
            (text, text)
            for text in ("<script nonce=a>", "<script src='a' NONCE = 'b'>", "<scripts>")
        ),
    ],
)
def test_scripts_get_the_nonce_once(text: str, result: str) -> None:
    # process:HLP-11
    result = result.replace('"N"', '"{{ctx.nonce}}"')
    assert inject_nonce(text, "{{ctx.nonce}}") == result
    assert inject_nonce(result, "{{ctx.nonce}}") == result


def test_the_defense_is_on_both_ends() -> None:
    # process:HLP-11
    comment = "<!--for injection--><!--</html>--><!--for injection-->"
    assert inject_hijacking_defense("<p>") == f"{comment}<p>{comment}"


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("b.com", ".b.com"),
        ("a.b.com", ".b.com"),
        ("A.B.com.", ".b.com"),
        ("x.y.b.com", ".b.com"),
        ("x.test.b.com", ".test.b.com"),
        ("test.b.com", ".b.com"),
        ("a.b.com.cn", ".b.com.cn"),
        ("b.com.cn", ".b.com.cn"),
        ("x.test.b.co.uk", ".test.b.co.uk"),
        ("127.0.0.1", "127.0.0.1"),
        ("::1", ""),
        ("[::1]", ""),
        ("a%41.b", ""),
        ("a'b.c", ""),
        ("*.b", ""),
        ("a..b", ""),
        ("a_b.c-d.e", ".c-d.e"),
        ("localhost", ""),
        ("", ""),
    ],
)
def test_the_domain_of_cookies(host: str, domain: str) -> None:
    # process:HLP-12
    assert cookie_domain(host) == domain


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    config = "security = {'csp': {'enable': True, 'policy': {'script-src': \"'self'\"}}}"
    with site(tmp_path_factory.mktemp("a"), config, files={"app/router.py": ROUTER}) as client:
        yield client


def test_a_page_of_an_engine(client: Client) -> None:
    """The token of the page is accepted, and the nonce is that of the policy (process:HLP-11)."""
    page = client.get("/")
    nonce = page.text.partition('<script nonce="')[2].partition('"')[0]
    assert f"'nonce-{nonce}'" in page.headers["Content-Security-Policy"]
    token = page.text.partition('value="')[2].partition('"')[0]
    head = {
        "Cookie": f"csrfToken={secret_of(page)}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    assert client.ask("POST", "/", f"_csrf={token}".encode(), head).text == "saved"
    assert client.ask("POST", "/", b"_csrf=a", head).status == 403


def test_the_members_of_app_and_ctx(client: Client) -> None:
    # process:HLP-11, HLP-12
    assert client.get("/domain", Host="www.shop.example:81").text == '[".shop.example"]'
    assert client.get("/defense").text.startswith("<!--for injection-->")
    assert client.get("/mako").text.endswith(' value="${ctx.csrf}" /></form>')
