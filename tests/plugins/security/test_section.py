"""Wrong and doubtful values of the section `security` (process:SEC-3, SEC-4, CSRF-2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.errors import EggError
from eggd.probe.check import check
from tests.plugins.security.site import site


def checked(root: Path) -> list[str]:
    """Returns the warnings of `eggd check` for an app that a test has served."""
    return check(root, "unittest", {}).warnings


LATER = "async def later(ctx): ...\n"


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ("{'level': 'strickt'}", "security.level must be 'egg' or 'strict', not 'strickt'"),
        ("{'csrf': 1}", "security.csrf must be a mapping, or False"),
        ("{'xfame': {}}", "security.xfame: unknown key"),
        ("{'xframe': {'vaule': 'DENY'}}", "did you mean 'value'"),
        ("{'csrf': {'type': 'token'}}", "security.csrf.type must be 'ctoken', "),
        ("{'csrf': {'cookie_name': ''}}", "security.csrf.cookie_name is empty"),
        ("{'csrf': {'cookie_name': 'a b'}}", "security.csrf: "),
        ("{'csrf': {'cookie_options': {'nonsense': 1}}}", "security.csrf: "),
        ("{'default_middleware': 'csrf,nonsense'}", "'nonsense' is unknown"),
        ("{'referrer_policy': {'value': 'x'}}", "security.referrer_policy.value must be "),
        ("{'csp': {'enable': True, 'policy': {'a': 'b;c'}}}", "holds a separator"),
        ("{'xframe': {'match': 1}}", "config_default.py:5: security.xframe.match must be"),
        ("{'ssrf': {'ip_black_list': ['10.0.0.1/8']}}", "'10.0.0.1/8' is not an address or a"),
        ("{'ssrf': {'hostname_exception_list': ['a..b']}}", "'a..b' is not a valid host"),
        ("{'ssrf': {'ip_blacklist': []}}", "did you mean 'ip_black_list'"),
        (
            "{'ssrf': {'check_address': print, 'ip_exception_list': ['10.0.0.1']}}",
            "no effect with check_address",
        ),
        ("{'csrf': {'ignore': 'api'}}", "config_default.py:5: security.csrf.ignore: path"),
        ("{'csrf': {'ignore': lambda: True}}", "must take one argument"),
        ("{'csrf': {'ignore': later}}", "security.csrf.ignore: the function later is async"),
        ("{'domain_white_list': ['http://a.b']}", "'http://a.b' is not a host (write 'a.b')"),
        ("{'domain_white_list': ['']}", "'' is not a host"),
        ("{'csrf': {'referer_white_list': ['a.b/c']}}", "'a.b/c' is not a host (write 'a.b')"),
        ("{'protocol_white_list': ['JavaScript']}", "links of 'JavaScript' run code"),
        ("{'protocol_white_list': ['a://']}", "'a://' is not a scheme"),
        ("{'csrf': {'supported_requests': [{'methods': ['post']}]}}", "'post' is not a method"),
        ("{'csrf': {'supported_requests': [{'methods': ['POTS']}]}}", "'POTS' is not a method"),
        ("{'csrf': {'header_name': 'a b'}}", "'a b' is not the name of a field"),
        ("{'csrf': {'body_name': []}}", "security.csrf.body_name is empty"),
        ("{'hsts': {'max_age': -1}}", "security.hsts.max_age must be "),
        ("{'hsts': {'max_age': 0.5}}", "must be a whole number of seconds, not 0.5"),
        ("{'hsts': {'preload': True}}", "security.hsts.preload needs include_subdomains, and a"),
        ("{'csrf': {'cookie_name': 'EGG_SESS'}}", "'EGG_SESS' is the session's cookie"),
        ("{'csrf': {'cookie_name': ['a', 'a']}}", "security.csrf.cookie_name has a name twice"),
        ("{'csrf': {'session_name': '_a'}}", "a session cannot have the key '_a'"),
        ("{'csrf': {'session_name': 'isNew'}}", "a session cannot have the key 'isNew'"),
        ("{'csrf': {'cookie_options': {'expires': 5}}}", "expires is one moment for all"),
        ("{'csrf': {'cookie_options': {'max_age': 0}}}", "max_age deletes the cookie, and each"),
        ("{'csrf': {'cookie_options': {'max_age': -5}}}", "max_age deletes the cookie, and each"),
        ("{'csrf': {'cookie_options': {'max_age': 86400000}}}", "are more than 400 days"),
        ("{'csrf': {'referer_white_list': ['a.b:99999']}}", "(a port is 1 to 65535)"),
        ("{'xss_protection': {'value': 2}}", "must be text or a whole number from 0 to 1, not 2"),
        ("{'csp': {'policy': {'script-scr': 'a'}}}", "did you mean 'script-src'"),
        ("{'csp': {'policy': {'script-src': 'self'}}}", "config_default.py:5: security.csp"),
        ("{'exempt_mounts': ['/nonsense']}", "nothing is mounted at '/nonsense'"),
        ("{'csp': {'policy': {'img-src': 'b;c'}}}", "config_default.py:5: security.csp.policy: "),
        ("{'csp': {'policy': {'script-src': 'nonce-a'}}}", "'nonce-a' is a host without its"),
        ("{'csp': {'policy': {'script-src': ['sha256-a=']}}}", "(write \"'sha256-a='\")"),
        ("{'csp': {'policy': {'img-src': \"'slef'\"}}}", "did you mean \"'self'\"?"),
        ("{'csp': {'policy': {'img_src': '*', 'img-src': '*'}}}", "img-src is set twice"),
        ("{'csp': {'policy': {'img-src': '\u2019'}}}", "is not ASCII"),
        ("{'xframe': {'value': 'DENY\\r\\nX: y'}}", "config_default.py:5: security.xframe.value"),
        ("{'xss_protection': {'value': '1\\ny'}}", "config_default.py:5: security.xss_protection"),
        ("{'permissions_policy': {'policy': {'a\\n': []}}}", "is not the name of a feature"),
        ("{'permissions_policy': {'policy': {'usb': ['none']}}}", "(an empty list allows no page)"),
        ("{'permissions_policy': {'policy': {'usb': [\"'self'\"]}}}", "(write 'self')"),
        ("{'permissions_policy': {'policy': {'usb': ['https://a.b/c']}}}", "(write 'https://a.b')"),
        ("{'permissions_policy': {'policy': {'usb': ['a b']}}}", "'a b' is not an origin"),
        ("{'permissions_policy': {'policy': {'x_y': [], 'x-y': []}}}", "x-y is set twice"),
        ("{'domain_white_list': ['.']}", "'.' is not a host"),
        ("{'domain_white_list': ['a.b:8443']}", "has a port, and names are compared without it"),
        ("{'domain_white_list': ['b\u00fccher.b']}", "(write the host in Punycode: 'xn--...')"),
        ("{'csrf': {'referer_white_list': ['*.a.b']}}", "(write 'a.b', which includes its sub"),
        ("{'csrf': {'referer_white_list': ['a.b:443']}}", "has a default port, which browsers"),
        ("{'csrf': {'cookie_domain': lambda: ''}}", "cookie_domain: too many positional"),
        ("{'csrf': {'supported_requests': [{}]}}", "a rule without methods has no effect"),
        ("{'ssrf': {'ip_black_list': ['a']}}", "security.ssrf.ip_black_list: 'a' is not an"),
        ("{'shtml': {'white_list': {'a b': []}}}", "'a b' is not a name in HTML"),
        ("{'shtml': {'domain_white_list': ['https://a.b']}}", "(write 'a.b')"),
    ],
)
def test_a_wrong_value_is_an_error_at_the_start(tmp_path: Path, config: str, text: str) -> None:
    with pytest.raises(EggError) as error, site(tmp_path, f"{LATER}security = {config}"):
        pass
    assert text in error.value.line


def test_a_session_is_needed_where_it_keeps_the_secret(tmp_path: Path) -> None:
    """The plugin session is off (process:CSRF-5)."""
    files = {"config/plugin.py": "security = True\nsession = False\n"}
    config = "security = {'csrf': {'use_session': True}}"
    with (
        pytest.raises(EggError, match="the plugin session is off"),
        site(tmp_path, config, "unittest", files),
    ):
        pass


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ("{'xframe': False}", "False is short for"),
        ("{'xframe': {'match': '/a', 'ignore': '/b'}}", "ignore has no effect beside match"),
        ("{'csrf': {'ignore_json': True}}", "ignore_json is deprecated"),
        ("{'xframe': {'value': 'SAMEORIGN'}}", "browsers know DENY and SAMEORIGIN"),
        ("{'csrf': {'supported_requests': []}}", "no usual request is checked"),
        ("{'hsts': {'max_age': 5}}", "security.hsts has no effect at level egg"),
        ("{'default_middleware': ''}", "security protects nothing: all its parts are off"),
        ("{'csp': {'enable': True}}", "csp.enable has no effect without a policy"),
        (
            "{'permissions_policy': {'enable': True, 'policy': {'gelocation': ['self']}}}",
            "'gelocation' is not a known feature (did you mean 'geolocation'?)",
        ),
        ("{'hsts': {'max_age': 5}}", "config_default.py:4: security.hsts has no effect at"),
        ("{'default_middleware': 'csrf', 'hsts': {'enable': True}}", "does not name it"),
        ("{'csp': {'policy': {'img-src': \"'none' a.b\"}}}", "'none' has no effect beside other"),
        ("{'csp': {'policy': {'nonsense': 'a'}}}", "'nonsense' is not a known directive"),
        ("{'csp': {'policy': {'img-src': \"'nonsense'\"}}}", "'nonsense' is not a known keyword"),
        ("{'csrf': {'header_name': 'x_csrf'}}", "nginx drop fields with '_' (write 'x-csrf')"),
        (
            "{'csp': {'policy': {'script-src': \"'self' 'nonce-abc'\"}}}",
            "'nonce-abc' is the same in every response, and protects nothing (use ctx.nonce)",
        ),
        ("{'csp': {'policy': {'img-src': 'data'}}}", "'data' is a host (write 'data:' for the"),
        ("{'csp': {'policy': {'img-src': 'https:/a.b'}}}", "is not a URL (write 'https://...')"),
        ("{'csp': {'policy': {'img-src': 'https//a.b'}}}", "is not a URL (write 'https://...')"),
        ("{'csp': {'policy': {'img-src': 'htps://a.b'}}}", "(did you mean 'https'?)"),
        ("{'csp': {'policy': {'sandbox': 'allow-form'}}}", "(did you mean 'allow-forms'?)"),
        ("{'csp': {'policy': {'upgrade-insecure-requests': 'on'}}}", "takes no value: write True"),
        (
            "{'csp': {'enable': True, 'policy': {'script-src': \"'unsafe-inline'\"}}}",
            "browsers ignore 'unsafe-inline' beside the nonce",
        ),
        (
            "{'csp': {'enable': True, 'report_only': True, 'policy': {'sandbox': True}}}",
            "sandbox has no effect with report_only",
        ),
        ("{'default_middleware': 'dta', 'csrf': {'type': 'all'}}", "security.csrf has no effect"),
        ("{'coop': {'value': 'same-origin'}}", "security.coop has no effect at level egg"),
        ("{'domain_white_list': ['*a.b']}", "'*a.b' may fit hosts of others"),
        ("{'ssrf': {'ip_exception_list': ['0.0.0.0/0']}}", "safe_curl allows each"),
        ("{'csrf': {'use_session': True, 'cookie_name': 'a'}}", "cookie_name has no effect with"),
        ("{'csrf': {'session_name': 'a'}}", "session_name has no effect without use_session"),
        ("{'csrf': {'type': 'referer', 'rotate_when_invalid': True}}", "has no effect with type"),
    ],
)
def test_a_doubtful_value_is_a_warning(tmp_path: Path, config: str, text: str) -> None:
    """As Egg has it (process:SEC-3, SEC-4, CSRF-10); in the log and in `eggd check`."""
    with site(tmp_path, f"security = {config}") as client:
        assert text in (client.log_dir / "egg-web.log").read_text()
    assert text in "\n".join(checked(tmp_path))


def test_hosts_that_no_check_reads_are_a_warning(tmp_path: Path) -> None:
    """Type ctoken reads a token; a mounted application is asked by Origin, so it reads them."""
    text = "security.csrf.referer_white_list has no effect: type 'ctoken' reads neither"
    config = "security = {'csrf': {'referer_white_list': ['a.b']}}"
    files = {"app/router.py": "def router(app):\n    app.get('/', lambda ctx: 'home')\n"}
    with site(tmp_path, config, "unittest", files) as client:
        assert text in (client.log_dir / "egg-web.log").read_text()
    assert text in "\n".join(checked(tmp_path))


@pytest.mark.parametrize(
    "config",
    [
        "{'csrf': {'referer_white_list': ['a.b']}}",  # the app mounts /old
        "{'csp': {'enable': True, 'policy': {'img-src': 'data: https: app://a.b https://a.b:*'}}}",
        "{'csp': {'enable': True, 'policy': {'report-to': 'data', 'sandbox': True}}}",
        "{'level': 'strict', 'csrf': {'referer_white_list': ['a.b:8443']}}",
        "{'default_middleware': 'dta', 'hsts': {'enable': False, 'max_age': 5}}",
        "{'csrf': {'cookie_options': {'max_age': '30d', 'encrypt': True}}}",
    ],
)
def test_a_value_with_effect_is_no_warning(tmp_path: Path, config: str) -> None:
    with site(tmp_path, f"security = {config}"):
        pass
    assert checked(tmp_path) == []


SECURE = "'csrf': {'cookie_options': {'secure': True}}"
NEEDS_HTTPS = "needs HTTPS, and no key announces HTTPS"


@pytest.mark.parametrize(
    ("config", "start"),
    [
        (f"security = {{{SECURE}}}", "security.csrf.cookie_options: 'secure' "),
        (f"security = {{'level': 'strict', {SECURE}}}", "security.csrf.cookie_options: 'secure' "),
        ("security = {'csrf': {'cookie_name': ['a', '__Host-b']}}", "cookie_name: '__Host-b' "),
        ("cookies = {'secure': True}", "config_default.py:4: cookies.secure "),
        ("session = {'secure': True}", "config_default.py:4: session.secure "),
    ],
)
def test_a_secure_cookie_without_https_is_a_warning(
    tmp_path: Path, config: str, start: str
) -> None:
    """Over HTTP a browser returns no such cookie, and each form would fail (process:CSRF-3)."""
    with site(tmp_path, config) as client:
        assert start + NEEDS_HTTPS in (client.log_dir / "egg-web.log").read_text()
    assert start + NEEDS_HTTPS in "\n".join(checked(tmp_path))


@pytest.mark.parametrize(
    "config",
    [
        f"security = {{{SECURE}}}\nproxy = True",
        f"security = {{{SECURE}}}\nprotocol = 'https'",
        f"security = {{{SECURE}}}\ncluster = {{'https': {{'cert': 'c.pem', 'key': 'k.pem'}}}}",
        f"security = {{{SECURE}}}\nhttp = {{'proxy_protocol': True}}\ntrusted_proxies = ['::1']",
        "session = {'secure': True}\nproxy = True",
        "session = {'secure': True}\nprotocol = 'https'",
        "cookies = {'secure': True}\nproxy = True",
    ],
)
def test_a_cookie_that_can_be_secure_is_no_warning(tmp_path: Path, config: str) -> None:
    with site(tmp_path, config) as client:
        assert NEEDS_HTTPS not in (client.log_dir / "egg-web.log").read_text()


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ("{'csrf': {'cookie_name': 'a b'}}", "config_default.py:4: security.csrf: "),
        ("{'csrf': {'cookie_name': []}}", "security.csrf.cookie_name is empty (name the cookie)"),
        ("{'csrf': {'cookie_options': {'htp_only': True}}}", "config_default.py:4: security.csrf"),
        ("{'csrf': {'cookie_options': {'same_site': 'laks'}}}", "laks"),
        ("{'csrf': {'cookie_domain': 'a b'}}", "config_default.py:4: security.csrf"),
        ("{'exempt_mounts': ['/nonsense']}", "config_default.py:4: security.exempt_mounts"),
    ],
)
def test_check_refuses_as_the_worker_does(tmp_path: Path, config: str, text: str) -> None:
    with pytest.raises(EggError) as started, site(tmp_path, f"security = {config}"):
        pass
    with pytest.raises(EggError) as error:
        checked(tmp_path)
    assert text in error.value.line
    assert error.value.line == started.value.line


def test_the_parts_are_logged(tmp_path: Path) -> None:
    """As Egg has it (process:SEC-1)."""
    with site(tmp_path) as client:
        log = (client.log_dir / "egg-web.log").read_text()
    text = "csrf, methodnoallow, noopen, nosniff, xss_protection, xframe, dta"
    assert f"[security] level egg uses {text}" in log
