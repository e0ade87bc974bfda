"""Cookie fields, Set-Cookie lines, signatures and encrypted values (core:CK-*)."""

from __future__ import annotations

import subprocess
import sys
from contextlib import nullcontext

import pytest

from eggd.errors import ArgumentError
from eggd.wire.cookie import LATEST, SetCookie, finite_age, parse_cookies
from eggd.wire.cookie_cipher import CookieCipher
from eggd.wire.cookie_support import accepts_partitioned, accepts_same_site_none
from eggd.wire.keygrip import Keygrip

EPOCH = "expires=Thu, 01 Jan 1970 00:00:00 GMT"


@pytest.mark.parametrize(
    ("field", "cookies"),
    [
        ("a=1; b=2", {"a": "1", "b": "2"}),
        ("a=1;b=2;\tc=3; \t d=4", {"a": "1", "b": "2", "c": "3", "d": "4"}),
        ("a=1; a=2", {"a": "1"}),
        ("a=; b", {"a": ""}),
        ("a=b=c==", {"a": "b=c=="}),
        ('a="x y"; b=%41', {"a": '"x y"', "b": "%41"}),
        ("[a](b)*=1; a.b=2", {"[a](b)*": "1", "a.b": "2"}),
        ("a =1", {"a ": "1"}),
        ("", {}),
        (";;; =;=", {}),
    ],
)
def test_a_cookie_field(field: str, cookies: dict[str, str]) -> None:
    """The first cookie of a name wins, and a value is verbatim (core:CK-7)."""
    assert parse_cookies(field) == cookies


@pytest.mark.parametrize(
    "field",
    ["\x85__Host-sid=evil", "\xa0a=1", "=__Host-sid=evil", "$Version=1; a=1", "__Host-sid =evil"],
)
def test_no_cookie_turns_into_one_with_a_prefix(field: str) -> None:
    """Only SP and TAB are blanks, and a cookie without a name stays without (known:KW-2)."""
    assert "__Host-sid" not in parse_cookies(field)


@pytest.mark.parametrize(
    ("value", "cookies"),
    [
        ('"a; csrfToken=x"', {"ga": '"a', "csrfToken": 'x"'}),
        (r'"\073 csrfToken=x"', {"ga": r'"\073 csrfToken=x"'}),
        ("[a,csrfToken=x]", {"ga": "[a,csrfToken=x]"}),
        ('"' + "\\" * 65_536, {"ga": '"' + "\\" * 65_536}),
        ('"\\' * 32_768, {"ga": '"\\' * 32_768}),
    ],
)
def test_a_value_is_not_unescaped(value: str, cookies: dict[str, str]) -> None:
    """A value ends at a semicolon and nowhere else (known:KW-3)."""
    assert parse_cookies(f"ga={value}") == cookies


@pytest.mark.parametrize(
    ("cookie", "line"),
    [
        (SetCookie(name="a", value="1"), "a=1; path=/; httponly"),
        (SetCookie(name="a", value="1", path=None, http_only=False), "a=1"),
        (
            SetCookie(
                name="a",
                value="b c",
                path="/x",
                max_age=86400,
                domain=".eggjs.org",
                priority="high",
                same_site="none",
                secure=True,
                partitioned=True,
            ),
            (
                "a=b c; path=/x; max-age=86400; expires=Fri, 02 Jan 1970 00:00:10 GMT;"
                " domain=.eggjs.org; priority=high; samesite=none; secure; httponly; partitioned"
            ),
        ),
        (SetCookie(name="a", max_age=5), f"a=; path=/; {EPOCH}; httponly"),
        (SetCookie(name="a", value="1", expires=0), f"a=1; path=/; {EPOCH}; httponly"),
        (
            SetCookie(name="a", value="1", expires=99, max_age=1.5),
            "a=1; path=/; max-age=2; expires=Thu, 01 Jan 1970 00:00:11 GMT; httponly",
        ),
        (
            SetCookie(name="a", value="1", max_age=0.2),
            "a=1; path=/; max-age=1; expires=Thu, 01 Jan 1970 00:00:10 GMT; httponly",
        ),
    ],
)
def test_a_line(cookie: SetCookie, line: str) -> None:
    """The attributes have Egg's order and case (core:CK-2, process:CKE-1)."""
    assert cookie.line(now=10) == line


@pytest.mark.parametrize(
    ("max_age", "attributes"),
    [
        (1e18, "max-age=253402300789; expires=Fri, 31 Dec 9999 23:59:59 GMT; "),
        (10**309, "max-age=253402300789; expires=Fri, 31 Dec 9999 23:59:59 GMT; "),
        (float("nan"), ""),
        (float("inf"), ""),
        (float("-inf"), ""),
    ],
)
def test_an_extreme_age_is_a_date_or_none(max_age: float, attributes: str) -> None:
    """A lifetime never overflows the arithmetic of dates (known:KW-5)."""
    cookie = SetCookie(name="a", value="1", max_age=finite_age(max_age))
    assert cookie.line(now=10) == f"a=1; path=/; {attributes}httponly"
    assert SetCookie(name="a", value="1", expires=LATEST * 9).line(0).count("9999") == 1


@pytest.mark.parametrize(
    "part",
    [
        # core:CK-3, CK-16, process:CKE-12
        {"name": ""},
        {"name": "a b"},
        {"name": "a=b"},
        {"name": "a;b"},
        {"name": "ä"},
        {"name": "a\n"},
        {"value": "a;b"},
        {"value": "a\r\nb"},
        {"value": "a\x00"},
        {"value": "a\t"},
        {"value": "ä"},
        {"value": "中文"},
        {"value": " a"},
        {"value": "a "},
        # known:KW-4
        {"path": "/a; domain=evil"},
        {"path": "/a\r\n"},
        {"path": "a"},
        {"path": ""},
        {"domain": "a\r\nSet-Cookie: b=c"},
        {"domain": "a.org; path=/"},
        {"domain": "bücher.example"},
    ],
)
def test_text_that_would_change_a_line_is_refused(part: dict[str, str]) -> None:
    """No part of a cookie can add an attribute or a line (core:CK-3, CK-16, known:KW-4)."""
    with pytest.raises(ArgumentError, match=r"is not allowed in its (name|value|path|domain)"):
        SetCookie(**{"name": "a", "value": "1", **part})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("hidden;", "a semicolon"),
        ("hidden\x00", "a control character"),
        ("hiddenä", "a character outside ASCII"),
        ("hidden ", "a blank at its start or end"),
    ],
)
def test_an_error_does_not_quote_the_value(value: str, kind: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        SetCookie(name="sid", value=value)
    assert caught.value.line == (
        f"cookie 'sid' cannot be set: {kind} is not allowed in its value"
        " (percent-encode it: urllib.parse.quote(value))"
    )


@pytest.mark.parametrize(
    ("part", "text"),
    [
        ({"name": ""}, "cookie '' cannot be set: empty text is not allowed in its name"),
        ({"name": "a b"}, "' ' is not allowed in its name, at 1 (remove ' ')"),
        ({"domain": "a;b"}, "';' is not allowed in its domain, at 1 (remove ';')"),
        ({"path": "a"}, "is not allowed in its path, at 0 (start the path with '/')"),
        ({"name": "__Host-a"}, "as its prefix needs secure (change the options, or rename"),
        (
            {"name": "__Host-a", "domain": "a.org", "path": "/a"},
            "as its prefix needs secure and path '/' and no domain (change the options",
        ),
    ],
)
def test_an_error_says_what_to_change(part: dict[str, str], text: str) -> None:
    """All at once, so that no second error follows the first."""
    with pytest.raises(ArgumentError) as caught:
        SetCookie(**{"name": "a", "value": "1", **part})  # type: ignore[arg-type]
    assert text in caught.value.line


@pytest.mark.parametrize(
    ("cookie", "is_valid"),
    [
        ({"name": "__Host-a", "secure": True}, True),
        ({"name": "__Host-a"}, False),
        ({"name": "__host-a", "secure": True, "path": "/a"}, False),
        ({"name": "__Host-a", "secure": True, "domain": "a.org"}, False),
        ({"name": "__Secure-a", "secure": True, "path": "/a", "domain": "a.org"}, True),
        ({"name": "__Secure-a"}, False),
    ],
)
def test_a_prefix_has_conditions(cookie: dict[str, str], is_valid: bool) -> None:
    """A cookie that every browser would drop is an error (RFC 6265bis section 4.1.3)."""
    refused = pytest.raises(ArgumentError, match="a browser drops it")
    with nullcontext() if is_valid else refused:
        SetCookie(**cookie)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "text", "signature"),
    [
        # core:CK-4, CK-5
        ("foo", "foo1=bar1", "Fqo9DaOWFOs3Gxsv0OHgyhhnJrjuY8jItBdSO-5WRgM"),
        ("key", "foo=hello", "ZWbaA4bWk8ByBuYVgfmJ2DMvhhS3sOctMbfXAQ2vnwI"),
        # process:CKE-4
        ("key1", "foo=bar", "8VysCtTDxqk19d2pUcvmrkmSwm2o0CUo210JFlqRy3s"),
    ],
)
def test_a_signature(key: str, text: str, signature: str) -> None:
    """Signatures are those of Egg, byte for byte (core:CK-4, CK-5, process:CKE-4)."""
    assert Keygrip([key]).sign(text) == signature
    assert Keygrip(["new", key]).verify(text, signature) == 1
    assert Keygrip(["new"]).verify(text, signature) == -1


def test_every_changed_signature_is_wrong() -> None:
    """Complete signatures are compared; a wrong one never raises (known:KW-7)."""
    right = Keygrip(["key"]).sign("a=1")
    wrong = [
        f"{right}xyz",
        right[:-1],
        f"{right}=",
        f"{right}==",
        f"{right}é",
        "",
        "é" * 99,
        "\x00",
    ]
    assert [Keygrip(["key"]).verify("a=1", each) for each in wrong] == [-1] * len(wrong)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        # core:CK-8
        ("foo", "bar 中文", "B9om8kiaZ7Xg9dzTUoH-Pw=="),
        ("key", "bar", "SBfi5dnMSwNmMdeydI_zdw=="),
    ],
)
def test_an_encrypted_value(key: str, text: str, value: str) -> None:
    """Encrypted values are those of Egg, byte for byte (core:CK-8, process:CKE-6)."""
    assert CookieCipher([key]).encrypt(text) == value
    assert CookieCipher(["new", "newer", key]).decrypt(value) == (text, 2)


def test_every_key_decrypts() -> None:
    """Of 2000 values a wrong key gives some a valid padding; the right one is found all the same.

    Egg takes the first key whose padding is valid, and so loses one cookie of 256 after a change
    of its keys (core:CK-9).
    """
    old, both = CookieCipher(["old"]), CookieCipher(["new", "old"])
    texts = [f"{n:040}" for n in range(2000)]
    assert [both.decrypt(old.encrypt(text)) for text in texts] == [(text, 1) for text in texts]


def test_every_damaged_value_is_the_same_to_a_client() -> None:
    """Cut, odd, not base64, not UTF-8: all are None (core:CK-9, known:KW-8)."""
    cipher = CookieCipher(["key"])
    value = cipher.encrypt("x" * 40)
    bad = [value[:-1], value[:-4], value[4:], f"{value}A", "*", "é", "", "=", "A" * 22 + "=="]
    assert [cipher.decrypt(each) for each in bad] == [None] * len(bad)
    bad += ["e1.", "e1.A", "e1.é", "e1." + "A" * 80]
    assert [cipher.open("app", "a", each) for each in bad] == [None] * len(bad)


def test_an_authenticated_value_belongs_to_its_app_and_name() -> None:
    """A value of another app or cookie, or one that was changed, is None (known:KW-6)."""
    cipher = CookieCipher(["key"])
    value = cipher.seal("shop", "a", "bar 中文")
    assert CookieCipher(["new", "key"]).open("shop", "a", value) == ("bar 中文", 1)
    for app, name in (("shop", "b"), ("stop", "a"), ("", "a"), ("shopa", ""), ("sho", "pa")):
        assert cipher.open(app, name, value) is None
    assert cipher.open("shop", "a", cipher.encrypt("bar")) is None
    assert value != cipher.seal("shop", "a", "bar 中文")


@pytest.mark.parametrize("length", [1, 2, 3])
def test_no_character_of_an_authenticated_value_can_be_changed(length: int) -> None:
    """Not even the bits of the last one that base64 does not use, nor its padding and alphabet."""
    cipher = CookieCipher(["key"])
    value = cipher.seal("shop", "a", "x" * length)
    for place, old in enumerate(value):
        for new in {"A", "B", "Q", "_", "-", "+", "/", "=", "", chr(ord(old) ^ 1)} - {old}:
            assert cipher.open("shop", "a", value[:place] + new + value[place + 1 :]) is None
    assert cipher.open("shop", "a", value + "=") is None
    assert cipher.open("shop", "a", value.replace("_", "/").replace("-", "+") + "A") is None


def test_cryptography_is_imported_by_the_first_value() -> None:
    """An application without encrypted cookies does not import the library."""
    code = (
        "import sys, eggd.app.application; from eggd.wire.cookie_cipher import prepare;"
        "print('cryptography' in sys.modules, prepare(), 'cryptography' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False None True\n"


CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{} Safari/1"
MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_{}) AppleWebKit/605.1.15 (KHTML, like Gecko)"
IOS = "Mozilla/5.0 (iPhone; CPU iPhone OS {} like Mac OS X) AppleWebKit/605.1.15 Safari/604.1"
AGENTS = [
    # core:CK-14: agent, samesite=none, partitioned
    ("", True, True),
    ("curl/8", True, False),
    (CHROME.format("66.0.1"), False, False),
    (CHROME.format("79.0.1"), False, False),
    (CHROME.format("80.0.1"), True, False),
    (CHROME.format("117.0.1"), True, False),
    (CHROME.format("118.0.1"), True, True),
    (CHROME.format("9" * 30 + ".0"), True, True),
    (IOS.format("12_4"), False, False),
    (IOS.format("13_0"), True, False),
    (IOS.format("120_0"), True, False),
    (MAC.format("14_6"), False, False),
    (MAC.format("14_6") + " Version/12.1 Safari/605.1.15", False, False),
    (MAC.format("14_6") + " Firefox/90", True, False),
    (MAC.format("15_7") + " Version/13.1 Safari/605.1.15", True, False),
    ("Mozilla/5.0 (Linux) AppleWebKit/537.36 UCBrowser/12.13.1.1 Mobile", False, False),
    ("Mozilla/5.0 (Linux) AppleWebKit/537.36 UCBrowser/12.13.2.1 Mobile", True, False),
]


@pytest.mark.parametrize(("agent", "same_site", "partitioned"), AGENTS)
def test_what_a_browser_understands(agent: str, same_site: bool, partitioned: bool) -> None:
    """Browsers that misread an attribute are known by their User-Agent (core:CK-14)."""
    assert accepts_same_site_none(agent) is same_site
    assert accepts_partitioned(agent) is partitioned
