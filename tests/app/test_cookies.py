"""`ctx.cookies` on contexts without a client (core:CK-*, process:CKE-*)."""

from __future__ import annotations

import operator
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from eggd.app.context.cookies import Cookies
from eggd.errors import ArgumentError, ConfigError, EggError
from eggd.wire.cookie_cipher import CookieCipher
from eggd.wire.keygrip import Keygrip
from tests.app.cookie_site import CHROME, CONFIG, TLS, Site, lines, site
from tests.app.loading import loaded

__all__ = ["site"]

EPOCH = "expires=Thu, 01 Jan 1970 00:00:00 GMT"


def signature(pair: str, key: str = "foo") -> str:
    return Keygrip([key]).sign(pair)


@pytest.mark.parametrize(
    ("config", "options", "line"),
    [
        # core:CK-1, CK-3
        ("", {}, "a=1; path=/; httponly"),
        ("", {"path": None}, "a=1; httponly"),
        ("", {"http_only": False, "domain": "a.org"}, "a=1; path=/; domain=a.org"),
        ("", {"same_site": "lax", "priority": "low"}, "a=1; path=/; priority=low; samesite=lax; h"),
        (TLS, {}, "a=1; path=/; secure; httponly"),
        (TLS, {"secure": False}, "a=1; path=/; httponly"),
        (TLS, {"same_site": "strict"}, "a=1; path=/; samesite=strict; secure; httponly"),
        ('cookies = {"same_site": "lax", "path": "/x"}', {}, "a=1; path=/x; samesite=lax; httponl"),
        ('cookies = {"http_only": False}', {"http_only": True}, "a=1; path=/; httponly"),
        ('cookies = {"max_age": "1d"}', {"max_age": "session"}, "a=1; path=/; httponly"),
        ('cookies = {"max_age": "1d"}', {}, "a=1; path=/; max-age=86400; expires="),
        ("", {"max_age": "30d"}, "a=1; path=/; max-age=2592000; expires="),
        ("", {"max_age": 2.5}, "a=1; path=/; max-age=3; expires="),
        ("", {"max_age": None}, "a=1; path=/; httponly"),
        ("", {"expires": datetime(2030, 1, 1, tzinfo=UTC)}, "a=1; path=/; expires=Tue, 01 Jan 20"),
        ("", {"expires": 1e300}, "a=1; path=/; expires=Fri, 31 Dec 9999"),
        # core:CK-11, process:CKE-8
        ("", {"secure": True, "ignore_secure_error": True}, "a=1; path=/; secure; httponly"),
        # known:KW-5
        ("", {"max_age": -1}, f"a=; path=/; {EPOCH}; httponly"),
        ("", {"max_age": 0}, f"a=; path=/; {EPOCH}; httponly"),
        ("", {"max_age": float("nan")}, "a=1; path=/; httponly"),
        ("", {"max_age": 10**309}, "a=1; path=/; max-age="),
        ("", {"max_age": 1e18}, "a=1; path=/; max-age="),
        ("", {"max_age": "1" * 400}, "a=1; path=/; httponly"),
    ],
)
def test_options_and_defaults(site: Site, config: str, options: Any, line: str) -> None:
    """A call wins over `config.cookies`, and that over the defaults (core:CK-1, process:CKE-2)."""
    ctx = site.ctx(config)
    ctx.cookies.set("a", "1", signed=False, **options)
    [found] = lines(ctx)
    assert found.startswith(line)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (
            {"sighned": True},
            "cookie 'a' cannot be set: sighned: unknown option (did you mean 'signed'?)",
        ),
        ({"samesite": "lax"}, "samesite: unknown option (did you mean 'same_site'?)"),
        # known:KW-4
        ({"same_site": "lax; x"}, "same_site must be '', "),
        ({"same_site": "Lax"}, "same_site must be '', "),
        ({"priority": "high\r\n"}, "priority must be '', "),
        ({"path": "/a; domain=evil"}, "';' is not allowed in its path"),
        ({"domain": "a\r\nb: c"}, "'\\r' is not allowed in its domain"),
        ({"max_age": "soon"}, "max_age must be 0 or more seconds, text"),
        ({"max_age": True}, "max_age must be 0 or more seconds, text"),
        ({"expires": "tomorrow"}, "expires must be a datetime"),
        ({"signed": 1}, "cookie 'a' cannot be set: signed must be true or false"),
        (
            {"signed": True, "encrypt": True},
            "cookie 'a' cannot be set: signed and encrypt are both true (remove",
        ),
        (
            {"max_age": 5, "expires": 7},
            "cookie 'a' cannot be set: max_age and expires are both set (remove one",
        ),
        ({"partitioned": True}, "partitioned has no effect"),
        # core:CK-11, process:CKE-8
        ({"secure": True}, "cookie 'a' cannot be set: secure, but the request came over HTTP"),
    ],
)
def test_a_wrong_option_sets_nothing(site: Site, options: Any, error: str) -> None:
    """A wrong option is an error in one line, before a line is written (core:CK-3, known:KW-4)."""
    ctx = site.ctx()
    with pytest.raises(ArgumentError) as caught:
        ctx.cookies.set("a", "1", **options)
    assert error in caught.value.line
    assert lines(ctx) == []


@pytest.mark.parametrize(
    ("use", "error"),
    [
        (lambda cookies: cookies["a"], "ctx.cookies is not a dict (ctx.cookies.get(name))"),
        (lambda cookies: "a" in cookies, "ctx.cookies is not a dict (ctx.cookies.get(name))"),
        (dict, "ctx.cookies is not a dict (ctx.cookies.get(name))"),
        (lambda cookies: operator.setitem(cookies, "a", "1"), "(ctx.cookies.set(name, value))"),
        (lambda cookies: operator.delitem(cookies, "a"), "(ctx.cookies.set(name, None))"),
        (lambda cookies: cookies.delete("a"), "ctx.cookies has no 'delete'; it has get, set, is_"),
        (lambda cookies: cookies.get(5), "the name of a cookie must be text, not int"),
        (lambda cookies: cookies.get("a", signed=True, encrypt=True), "encrypt are both true"),
    ],
)
def test_cookies_that_are_used_as_a_dict_are_an_error_with_its_cure(
    site: Site, use: Any, error: str
) -> None:
    with pytest.raises((TypeError, AttributeError, ArgumentError), match=re.escape(error)):
        use(site.ctx().cookies)


@pytest.mark.parametrize("value", [1, 0, b"a", ["a"], True])
def test_a_value_is_text(site: Site, value: Any) -> None:
    with pytest.raises(ArgumentError, match="its value must be text, not"):
        site.ctx().cookies.set("a", value)


@pytest.mark.parametrize("value", ["中文", "ä", "a;b", "a\nb"])
def test_a_value_that_must_be_encoded(site: Site, value: str) -> None:
    """Text that a cookie cannot hold is refused, or encrypted (core:CK-16, process:CKE-12)."""
    ctx = site.ctx()
    with pytest.raises(ArgumentError, match=r"is not allowed in its value.*urllib.parse.quote"):
        ctx.cookies.set("a", value)
    ctx.cookies.set("a", value, encrypt=True)
    assert len(lines(ctx)) == 1


def test_a_signed_cookie_has_a_twin(site: Site) -> None:
    """Its signature has the same attributes (core:CK-4, process:CKE-4)."""
    ctx = site.ctx()
    ctx.cookies.set("a", "1", path="/x", same_site="lax")
    more = "; path=/x; samesite=lax; httponly"
    assert lines(ctx) == [f"a=1{more}", f"a.sig={signature('a=1')}{more}"]


@pytest.mark.parametrize(
    ("cookie", "value", "sent"),
    [
        # core:CK-6, process:CKE-5: by the first key, by an older one, by no key, without any
        ("a=1; a.sig=" + signature("a=1", "new"), "1", []),
        ("a=1; a.sig=" + signature("a=1", "old"), "1", [f"a.sig={signature('a=1', 'new')}"]),
        ("a=2; a.sig=" + signature("a=1", "new"), None, [f"a.sig=; path=/; {EPOCH}; httponly"]),
        ("a=1; a.sig=x", None, [f"a.sig=; path=/; {EPOCH}; httponly"]),
        ("a=1; a.sig=", None, []),
        ("a=1", None, []),
        ("b=1", None, []),
        ("", None, []),
        # known:KW-9: lines of Cookie are joined before they are parsed (tests/http/test_headers.py)
        ("__Host-a=1; __Host-a.sig=x", None, []),
    ],
)
def test_a_signature_is_verified(
    site: Site, cookie: str, value: str | None, sent: list[str]
) -> None:
    """An old signature is renewed once, a wrong one deleted (core:CK-6, process:CKE-5)."""
    ctx = site.ctx(cookie=cookie, keys="new, old")
    name = "__Host-a" if cookie.startswith("__Host") else "a"
    assert [ctx.cookies.get(name), ctx.cookies.get(name)] == [value, value]
    assert [line.startswith(each) for line, each in zip(lines(ctx), sent, strict=True)] == [
        True
    ] * len(sent)


def test_a_plain_cookie_is_read_as_it_was_sent(site: Site) -> None:
    """Without `signed` a value is raw, the first one wins (core:CK-7)."""
    ctx = site.ctx(cookie='a="x y"; a=2; b=%41; [c](.*)=3')
    read = [ctx.cookies.get(name, signed=False) for name in ("a", "b", "[c](.*)", "d")]
    assert read == ['"x y"', "%41", "3", None]


@pytest.mark.parametrize(
    ("encryption", "reads_egg", "reads_own"),
    [("egg", True, False), ("upgrade", True, True), ("aead", False, True)],
)
def test_encrypted_cookies(site: Site, encryption: str, reads_egg: bool, reads_own: bool) -> None:
    """Egg's format and an authenticated one, by the config (core:CK-8, CK-9, process:CKE-6)."""
    config = f'cookies = {{"encryption": {encryption!r}}}'
    cipher, name = CookieCipher(["old"]), site.app(f"keys = 'new,old'\n{config}").name
    egg, own = cipher.encrypt("bar 中文"), cipher.seal(name, "a", "bar 中文")
    for value, is_read in ((egg, reads_egg), (own, reads_own)):
        ctx = site.ctx(config, f"a={value}; b={own}", keys="new,old")
        assert ctx.cookies.get("a", encrypt=True) == ("bar 中文" if is_read else None)
        assert ctx.cookies.get("b", encrypt=True) is None  # known:KW-6
        assert lines(ctx) == []
    ctx = site.ctx(config, keys="new,old")
    ctx.cookies.set("a", "bar 中文", encrypt=True)
    [line] = lines(ctx)
    value = line.removeprefix("a=").partition(";")[0]
    assert line.endswith("; path=/; httponly")
    assert value.startswith("e1.") is (encryption != "egg")
    read = site.ctx(config, f"a={value}", keys="new,old").cookies
    assert (read.get("a", encrypt=True), read.get("a", signed=False)) == ("bar 中文", value)


@pytest.mark.parametrize(
    ("encryption", "of_new_key", "of_old_key"),
    [
        ("egg", {"egg": False}, {"egg": True}),
        ("upgrade", {"egg": True, "own": False}, {"egg": True, "own": True}),
        ("aead", {"own": False}, {"own": True}),
    ],
)
def test_an_outdated_cookie_is_told(
    site: Site, encryption: str, of_new_key: dict[str, bool], of_old_key: dict[str, bool]
) -> None:
    """A cookie is outdated if `set` no longer uses the format or the key that it was read with."""
    config = f'cookies = {{"encryption": {encryption!r}}}'
    name = site.app(f"keys = 'new,old'\n{config}").name
    for key, outdated in (("new", of_new_key), ("old", of_old_key)):
        cipher = CookieCipher([key])
        values = {"egg": cipher.encrypt("1"), "own": cipher.seal(name, "a", "1")}
        for form, expected in outdated.items():
            cookies = site.ctx(
                config, f"a={values[form]}; b={values[form]}", keys="new,old"
            ).cookies
            assert cookies.is_outdated("a") is False  # it was not read yet
            assert cookies.get("a", encrypt=True) == "1"
            assert (cookies.is_outdated("a"), cookies.is_outdated("b")) == (expected, False)


def test_an_encrypted_cookie_of_another_app_is_none(site: Site) -> None:
    """Two apps with the same keys on one host, in the authenticated format."""
    config = 'cookies = {"encryption": "aead"}'
    name = site.app(f"keys = 'foo'\n{config}").name
    for app, value in ((name, "1"), (f"{name}2", None)):
        ctx = site.ctx(config, "a=" + CookieCipher(["foo"]).seal(app, "a", "1"))
        assert ctx.cookies.get("a", encrypt=True) == value


@pytest.mark.parametrize("value", ["x", "e1.x", "*", "é", CookieCipher(["other"]).encrypt("x")])
def test_an_undecryptable_cookie_is_none(site: Site, value: str) -> None:
    """The value is None, and nothing is sent (core:CK-9, known:KW-8)."""
    ctx = site.ctx(cookie=f"a={value}")
    assert ctx.cookies.get("a", encrypt=True) is None
    assert lines(ctx) == []


def test_a_default_of_encrypt_holds_for_both_ways(site: Site) -> None:
    """`config.cookies` is the default of get, too; Egg reads as signed what it encrypted."""
    config = 'cookies = {"encrypt": True}'
    ctx = site.ctx(config)
    ctx.cookies.set("a", "1").set("b", "2", signed=True).set("c", "3", encrypt=False, signed=False)
    sent = "; ".join(line.partition(";")[0] for line in lines(ctx))
    assert sent.startswith("a=" + CookieCipher(["foo"]).encrypt("1") + "; b=2; b.sig=")
    cookies = site.ctx(config, sent).cookies
    assert [cookies.get("a"), cookies.get("b", signed=True)] == ["1", "2"]
    assert cookies.get("c", signed=False) == "3"


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"path": "/x", "domain": "a.org", "same_site": "lax"},
        {"max_age": 5},
        {"expires": 99},
    ],
)
def test_a_deletion(site: Site, value: str | None, options: Any) -> None:
    """None and "" delete the cookie and its signature (core:CK-10, process:CKE-3)."""
    ctx = site.ctx()
    ctx.cookies.set("a", value, **options)
    domain = "; domain=a.org; samesite=lax" if "domain" in options else ""
    rest = f"=; path={options.get('path', '/')}; {EPOCH}{domain}; httponly"
    assert lines(ctx) == [f"a{rest}", f"a.sig{rest}"]


def test_an_encrypted_deletion(site: Site) -> None:
    ctx = site.ctx()
    ctx.cookies.set("a", None, encrypt=True)
    assert lines(ctx) == [f"a=; path=/; {EPOCH}; httponly"]


def test_overwrite(site: Site) -> None:
    """`overwrite` drops earlier lines of the name, no others (core:CK-13, process:CKE-11)."""
    ctx = site.ctx()
    ctx.set("Set-Cookie", ["other=1", "a=0; path=/y"])
    ctx.cookies.set("a", "1", signed=False).set("a", "2", signed=False)
    assert [line[:7] for line in lines(ctx)] == ["other=1", "a=0; pa", "a=1; pa", "a=2; pa"]
    ctx.cookies.set("a", "3", overwrite=True).set("a", "4", overwrite=True)
    assert [line[:7] for line in lines(ctx)] == [
        "other=1",
        "a=4; pa",
        "a.sig=" + signature("a=4")[0],
    ]


@pytest.mark.parametrize(
    ("config", "agent", "options", "attributes"),
    [
        # core:CK-14, process:CKE-10
        ("", "", {"same_site": "none"}, "; httponly"),
        (TLS, "", {"same_site": "none"}, "; samesite=none; secure; httponly"),
        (TLS, "", {"same_site": "none", "secure": False}, "; httponly"),
        (TLS, CHROME.format(79), {"same_site": "none"}, "; secure; httponly"),
        (TLS, CHROME.format(80), {"same_site": "none"}, "; samesite=none; secure; httponly"),
        (
            TLS,
            CHROME.format(117),
            {"same_site": "none", "partitioned": True},
            "; samesite=none; secure; httponly",
        ),
        (
            TLS,
            CHROME.format(118),
            {"same_site": "none", "partitioned": True},
            "; samesite=none; secure; httponly; partitioned",
        ),
        (
            TLS,
            "",
            {"same_site": "none", "partitioned": True},
            "; samesite=none; secure; httponly; partitioned",
        ),
        ("", "", {"same_site": "none", "partitioned": True}, "; httponly"),
    ],
)
def test_cookies_of_other_sites(
    site: Site, config: str, agent: str, options: Any, attributes: str
) -> None:
    """Attributes are left out that a browser would misread (core:CK-14, process:CKE-10)."""
    ctx = site.ctx(config, agent=agent)
    ctx.cookies.set("a", "1", signed=False, **options)
    assert lines(ctx) == [f"a=1; path=/{attributes}"]


def test_a_partitioned_cookie_removes_the_old_one(site: Site) -> None:
    """The unpartitioned cookie and its signature are deleted first (core:CK-14)."""
    ctx = site.ctx(TLS)
    more: Any = {"same_site": "none", "partitioned": True, "remove_unpartitioned": True}
    ctx.cookies.set("a", "0", overwrite=True).set("a", "1", overwrite=True, **more)
    none = "samesite=none; secure; httponly"
    assert lines(ctx) == [
        f"a=; path=/; {EPOCH}; {none}",
        f"a.sig=; path=/; {EPOCH}; {none}",
        f"a=1; path=/; {none}; partitioned",
        f"a.sig={signature('a=1')}; path=/; {none}; partitioned",
    ]


def test_a_copy_for_browsers_that_partition(site: Site) -> None:
    """`auto_chips` writes `_CHIPS-NAME`, and reads it instead (core:CK-14, process:CKE-10)."""
    config = TLS + 'cookies = {"auto_chips": True, "same_site": "none"}'
    ctx = site.ctx(config)
    ctx.cookies.set("a", "1")
    none = "; path=/; samesite=none; secure; httponly"
    assert lines(ctx) == [
        f"_CHIPS-a=1{none}; partitioned",
        f"_CHIPS-a.sig={signature('_CHIPS-a=1')}{none}; partitioned",
        f"a=1{none}",
        f"a.sig={signature('a=1')}{none}",
    ]
    sent = f"_CHIPS-a=1; _CHIPS-a.sig={signature('_CHIPS-a=1')}"
    assert site.ctx(config, sent).cookies.get("a") == "1"
    old = site.ctx(config, agent=CHROME.format(100))
    old.cookies.set("a", "1", signed=False)
    assert lines(old) == [f"a=1{none}"]


@pytest.mark.parametrize("encryption", ["egg", "aead"])
def test_a_partitioned_copy_is_decrypted(site: Site, encryption: str) -> None:
    """The copy has the value of the cookie, and so its name as associated data."""
    chips = f'cookies = {{"auto_chips": True, "same_site": "none", "encryption": {encryption!r}}}'
    ctx = site.ctx(TLS + chips)
    ctx.cookies.set("a", "1", encrypt=True)
    copy, plain = (line.partition(";")[0] for line in lines(ctx))
    for sent in (copy, plain):
        assert site.ctx(TLS + chips, sent).cookies.get("a", encrypt=True) == "1"


@pytest.mark.parametrize("options", [{}, {"encrypt": True}])
def test_without_keys(site: Site, options: Any) -> None:
    """Signed and encrypted cookies need keys, plain ones do not (core:CK-15, process:CKE-7)."""
    ctx = site.ctx(cookie="a=1; a.sig=x", keys="")
    cure = "config.keys is not set, .*run 'eggd keys new'"
    with pytest.raises(ConfigError, match=cure):
        ctx.cookies.set("a", "1", **options)
    with pytest.raises(ConfigError, match=cure):
        ctx.cookies.get("a", **options)
    assert ctx.cookies.set("b", "1", signed=False).get("a", signed=False) == "1"
    assert [line[:3] for line in lines(ctx)] == ["b=1"]


def test_the_first_key_signs(site: Site) -> None:
    """The keys are separated by commas; blanks do not count (process:CKE-7)."""
    ctx = site.ctx(keys=" foo , old ,")
    ctx.cookies.set("a", "1")
    assert lines(ctx)[1].startswith(f"a.sig={signature('a=1', 'foo')};")


def test_cookies_are_made_on_access(site: Site) -> None:
    """A request that does not use cookies makes no object for them; a context has one at most."""
    ctx = site.ctx()
    assert ctx._cookies is None
    assert isinstance(ctx.cookies, Cookies)
    assert ctx.cookies is ctx.cookies


@pytest.mark.parametrize(
    ("config", "error"),
    [
        (
            'cookies = {"path": "x"}',
            r"config_default.py:2: cookies.path: 'x': a first character other than",
        ),
        ('cookies = {"domain": "a;b"}', "cookies.domain: 'a;b': ';' is not allowed in its domain"),
        ('cookies = {"max_age": 86400000}', "cookies.max_age: 86400000 seconds are more than 400"),
        ('cookies = {"same_site": "Lax"}', "cookies.same_site must be '', "),
        ('cookies = {"samesite": "lax"}', "cookies.samesite: unknown key .*same_site"),
        ('cookies = {"max_age": 0}', "cookies.max_age: 0 would delete every cookie"),
        ('cookies = {"max_age": -1}', "cookies.max_age must be 0 or more seconds, text"),
    ],
)
def test_wrong_defaults_stop_the_start(tmp_path: Path, config: str, error: str) -> None:
    with pytest.raises(EggError, match=error):
        loaded(tmp_path, {CONFIG: f"keys = 'foo'\n{config}"})


@pytest.mark.parametrize("keys", ["['hidden-1', 'hidden-2']", "b'hidden'", "{'a': 'hidden'}"])
def test_wrong_keys_are_not_quoted(tmp_path: Path, keys: str) -> None:
    with pytest.raises(ConfigError, match="keys must be text") as caught:
        loaded(tmp_path, {CONFIG: f"keys = {keys}"})
    assert "hidden" not in f"{caught.value.line}{caught.value!r}"
