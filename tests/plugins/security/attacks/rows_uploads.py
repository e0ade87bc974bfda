"""Attacks by uploads: names of files, and forged forms."""

from __future__ import annotations

from tests.plugins.security.attacks.rows import Attack

_HEAD = """POST /save HTTP/1.1
Host: a
Cookie: csrfToken=abcdefgh
Content-Type: multipart/form-data; boundary=b"""
_PROVEN = f"{_HEAD}\nX-CSRF-Token: abcdefgh"


def _part(parameters: str, content: str = "x") -> str:
    return f"--b\r\nContent-Disposition: form-data; {parameters}\r\n\r\n{content}\r\n"


def _named(filename: str) -> str:
    return _part(f'name="f"; filename="{filename}"') + "--b--"


_PATHS = {
    "dots": "../../../etc/cron.d/a.png",
    "an absolute path": "/etc/cron.d/a.png",
    "backslashes": "..\\..\\cron\\a.png",
    "a drive": "C:\\cron\\a.png",
}
_TRAVERSAL = [
    Attack(
        name=f"traversal: a file name with {what}",
        head=_PROVEN,
        body=_named(path),
        statuses=(200,),
        never=r"cron|\.\.",
        always=r'\[\["a\.png","[0-9a-f-]{36}\.png"\]\]',
    )
    for what, path in _PATHS.items()
]
_PROGRAMS = {
    "an extension behind another": "a.png.php",
    "capital letters": "a.PHP",
    "a dot at the end": "a.php.",
    "a blank at the end": "a.php ",
    "a stream of NTFS": "a.php:.png",
    "a semicolon": "a.php;.png",
    "a NUL": "a.php\0.png",
    "no extension": "a",
    "two dots": "..",
}
_MIME = [
    Attack(
        name=f"mime: a file name with {what}",
        head=_PROVEN,
        body=_named(name),
        statuses=(400,),
        never='php"',
    )
    for what, name in _PROGRAMS.items()
]
_TWO_NAMES = {
    "an extended one behind it": """filename="a.png"; filename*=utf-8''a.php""",
    "an extended one before it": """filename*=utf-8''a.php; filename="a.png\"""",
    "a second one": 'filename="a.png"; filename="a.php"',
    "one in capital letters": 'filename="a.png"; FILENAME="a.php"',
    "one in an escaped quote": 'filename="a.png\\"; filename=a.php"',
    "one after a line of its own": 'filename="a.png"\r\nContent-Disposition: form-data; name=f',
}
_NAMES = [
    Attack(
        name=f"mime: a file name and {what}",
        head=_PROVEN,
        body=_part(f'name="f"; {parameters}') + "--b--",
        statuses=(400,),
        never='php"',
    )
    for what, parameters in _TWO_NAMES.items()
]
_FILE = _part('name="f"; filename="a.png"')
_TOKEN = _part('name="_csrf"', "abcdefgh")
_FORGED = {
    "without a token": f"{_FILE}--b--",
    "with a token behind the file": f"{_FILE}{_TOKEN}--b--",
    "with a token in a file": _part('name="_csrf"; filename="a.png"', "abcdefgh") + "--b--",
    "with another token first": _part('name="_csrf"', "other") + f"{_FILE}--b--",
}
_CAPITALS = f"{_HEAD}\nOrigin: http://evil.example".replace("multipart/form", "MULTIPART/Form")
_CSRF = [
    Attack(
        name=f"csrf: an upload {what}",
        head=f"{_HEAD}\nOrigin: http://evil.example",
        body=body,
        statuses=(403,),
        never="a.png",
    )
    for what, body in _FORGED.items()
]
_OTHERS = [
    Attack(
        name="csrf: an upload with its media type in capital letters",
        head=_CAPITALS,
        body=f"{_FILE}--b--",
        statuses=(403,),
        never="a.png",
    ),
    Attack(
        name="traversal: an extended file name with dots",
        head=_PROVEN,
        body=_part("name=f; filename*=utf-8''..%2F..%2Fetc%2Fcron.d%2Fa.png") + "--b--",
        statuses=(200,),
        never=r"cron|\.\.",
        always=r'\[\["a\.png","[0-9a-f-]{36}\.png"\]\]',
    ),
    Attack(
        name="header: a media type with a line break",
        head=_PROVEN,
        body=_part('name="f"; filename="a.png"\r\nContent-Type: a/b\nX-Injected: 1') + "--b--",
        statuses=(400,),
        never=r"\nX-Injected",
    ),
    Attack(
        name="header: a line break in a file name",
        head=_PROVEN,
        body=_named("a%0D%0AX-Injected: 1.png"),
        statuses=(400,),
        never=r"\nX-Injected",
    ),
    Attack(
        name="xss: an element as a file name",
        head=f"{_PROVEN}\nAccept: text/html",
        body=_named("<img src=x onerror=alert(1)>.exe"),
        statuses=(400,),
        never=r"(?s)text/html.*<img",
    ),
]
ROWS = [*_TRAVERSAL, *_MIME, *_NAMES, *_CSRF, *_OTHERS]
