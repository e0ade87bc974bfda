"""Recognises secrets by their names and by their shape in text.

`without_secrets` masks the values of secret names (`password=x`, `{"api_key": "x"}`, `--token x`,
`Authorization: Bearer x`, `Server=db;Password=x`), passwords in URLs, `-pSECRET` after the name of
a client of MySQL, and secrets with a known shape: private keys, JSON Web Tokens and tokens with a
known prefix. Time is linear in the length of the text: attempts of a pattern scan the same
characters at most a fixed number of times.
"""

from __future__ import annotations

import re
from functools import lru_cache

from eggd.masking.known import MASK, without_known
from eggd.wire.terminal import visible_line

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_LONGEST_NAME = 128

_NAMES = frozenset(
    "password passwords passwd passwort kennwort passphrase passphrases passcode pass passd pwd pw"
    " pswd salt cred creds"
    " secret secrets token tokens jwt bearer authorization credential credentials requirepass"
    " masterauth authtoken accesstoken refreshtoken apikey apikeys apitoken accesskey secretkey"
    " privatekey masterkey sessionkey".split()
)
"""Last words of secret names; the words before say which service or user the secret belongs to."""

_ENDINGS = ("password", "passwd", "passphrase", "apikey", "token", "secret")
"""Endings of a last word that is joined with another word: `PGPASSWORD`."""

_PARTS = (
    "key token pass auth secret session cookie sig cred pw jwt bearer salt kennwort pswd".split()
)
"""Parts of names: a text without one of them has no secret name, and costs a tenth."""

_KEYS = frozenset(
    "access account aes api app auth client consumer cookie crypto deploy encryption hmac host"
    " jwt license master private rsa secret server service session shared sign signature signing"
    " ssh ssl storage symmetric tls webhook wrapping".split()
)
"""Kinds of `key` that are secret; a `public_key` or a `primary_key` is not."""

_AUTH = frozenset("basic http npm proxy redis registry smtp".split())

_HARMLESS = {
    **dict.fromkeys(("credential", "credentials"), frozenset(("import", "load"))),
    "pass": frozenset("by dry first last multi next proxy second single".split()),
    "token": frozenset("bos cancellation continuation eos next pad page stop unk".split()),
    "tokens": frozenset(
        "completion count input limit max min num number output prompt stop total used".split()
    ),
}
"""Words before a last word that make the name harmless: `max_tokens` is a number, `proxy_pass` a
URL."""

_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,8}-----(?=[\s\\]{0,8}[A-Za-z0-9+/])"
    r"(?:(?!-----END)[\s\S])*(?:-----END [A-Z0-9 ]{0,60}-----)?"
)
_URL = re.compile(
    r"(?<=://)(?:"
    r"(?P<user>[^/?#\s:@\"']{0,256}+):(?:[^/?#\s\"']{0,512}@|(?![0-9]{1,5}(?:[/?#\s]|$))[^\s@\"']{1,512}@)"
    r"|[A-Za-z0-9_\-]{16,512}+@|[^/?#\s:@\"']{20,512}+@)"  # a key in place of a user
)
_NAME = re.compile(
    r"(?<![A-Za-z0-9_.\-])(?P<name>-{0,2}[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}+)"
    r"(?P<sep>\\{0,3}[\"']?[ \t]{0,4}(?:=>|:=|=(?!=)|:(?!:|//))\s{0,4}"
    r"|[\"'],\s{0,2}(?=[\"'])"  # of a list of arguments
    r"|[ \t]{1,2}(?=[^\s=:]))"  # of a command line, or before a quoted value
)
_VALUE = re.compile(
    r"[bBuUrRfF]{0,2}(?P<quote>[\"'])(?P<quoted>(?:\\.|(?!(?P=quote))[^\\\n]){0,8000})(?P=quote)?"
    r"|(?P<escape>\\{1,3}[\"'])(?P<escaped>(?:(?!(?P=escape)).){0,8000})(?P=escape)?"
    r"|(?P<scheme>(?:Bearer|Basic|Token|Negotiate|ApiKey)\s{1,2})?"
    r"(?P<bare>\$?\{[^{}\s]{0,200}\}|%\([A-Za-z_]{1,64}\)s|<[^<>\s]{0,200}>"
    r"|(?:[^\s,;&\"'<]|,(?!\s)|<(?!/)|[\"'](?=[A-Za-z0-9])"
    r"|&(?![A-Za-z_][A-Za-z0-9_.\-]{0,64}=)|;(?!\s|$|[A-Za-z][A-Za-z _]{0,30}=)){1,8000})",
    re.IGNORECASE,
)
_FIELD = re.compile(r"[^;\n&\"'=]{1,256}+(?=;\s{0,2}[A-Za-z][A-Za-z _]{0,30}+=)")
"""A value of a connection string: up to the semicolon, blanks included."""
_WHOLE_LINE = re.compile(
    r"(?P<quote>[\"'])(?:(?!(?P=quote))[^\n]){1,8000}|(?P<rest>[^\n]{1,8000}+)"
)
_SCHEME = re.compile(
    r"(?<![A-Za-z0-9])(?P<scheme>Bearer|Basic)(?P<gap>\s{1,2})"
    r"(?P<token>[A-Za-z0-9._~+/\-]{6,8000}+={0,2})",
    re.IGNORECASE,
)
_START = r"(?<![A-Za-z0-9_\-])"
_SHAPES = re.compile(
    _START
    + r"(?:eyJ[A-Za-z0-9_\-]{5,8000}+\.[A-Za-z0-9_\-]{5,8000}+(?:\.[A-Za-z0-9_\-]{0,8000}+){0,3}"
    r"|(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|gh[pousr]_[A-Za-z0-9]{16,}+|github_pat_[A-Za-z0-9_]{20,}+|glpat-[A-Za-z0-9_\-]{16,}+"
    r"|xox[abeoprs]-[A-Za-z0-9\-]{8,}+|xapp-[A-Za-z0-9\-]{8,}+"
    r"|[srp]k_(?:live|test)_[A-Za-z0-9]{8,}+|whsec_[A-Za-z0-9+/]{16,}+"
    r"|AIza[A-Za-z0-9_\-]{30,}+|ya29\.[A-Za-z0-9_\-]{16,}+"
    r"|sk-[A-Za-z0-9_\-]{20,}+|SG\.[A-Za-z0-9_\-]{16,}+\.[A-Za-z0-9_\-]{16,}+"
    r"|npm_[A-Za-z0-9]{30,}+|pypi-[A-Za-z0-9_\-]{16,}+|hf_[A-Za-z0-9]{20,}+"
    r"|SK[0-9a-f]{32}(?![A-Za-z0-9])|do[opr]_v1_[a-f0-9]{32,}+|hv[sb]\.[A-Za-z0-9_\-]{20,}+"
    r"|AGE-SECRET-KEY-1[A-Z0-9]{20,}+|[0-9]{8,10}:AA[A-Za-z0-9_\-]{30,}+)"
)
_MYSQL = re.compile(
    r"(?<![\w.\-])(?:mysql(?:admin|check|dump|import|pump|show|slap)?|mariadb(?:-[a-z]{1,16})?"
    r"|sshpass)(?:\.exe)?(?=[\s\"',]{1,4}(?:\w{1,64}[\s\"',]{1,4})?-)[^\n|;&]{0,256}?(?:"
    r"(?<=[\s\"'])-p(?!(?:[0-9.]{1,15}:){1,2}[0-9]{1,5}(?:[/\s\"']|$))"
    r"(?P<bare>[^\s\"',;|&()\[\]]{1,256})|\s-p(?P<quote>[\"'])"
    r"(?P<quoted>[^\s\"',.;:)\]][^\n\"']{0,256})(?P=quote))"
)
"""A password joined with `-p`; `mysql -p` alone asks for one, `-p3306:3306` is docker's port."""
_HOOK = re.compile(r"(?<=hooks\.slack\.com/services/)[A-Za-z0-9/]{8,256}+")

_LITERALS = {"none"}.union(
    "null nil undefined true false yes no on off str int bytes bool float object any optional"
    " string number boolean".split()
)
_PROSE = frozenset(
    "a an and as at be been by can cannot denied does empty enabled disabled expired failed file"
    " for from has have if in incorrect invalid is it key keys malformed missing must names needs"
    " not nothing of ok optional option or redacted hidden required revoked set sets should that"
    " the to unknown unset unsupported used value was when will with without wrong flag".split()
)
"""Words after a name and a colon or blank that continue a sentence."""
_SENTENCE = re.compile(
    rf"(?:(?:{'|'.join(sorted(_PROSE))})(?=[ \t][A-Za-z0-9'\"({{])"
    r"|[A-Za-z]{1,64}+(?=[ \t][A-Za-z'\"(])(?![^\n=]{0,1000}+=))",
    re.IGNORECASE,
)
"""A sentence after `cookie:`. A cookie is a pair, or one word: it has no blank before its `=`."""
_CHOICES = re.compile(r"[\"'](?:, ?[\"'][^\"'\n]{0,64}[\"']){0,16},? or [\"']")
"""The rest of an enumeration in an error, `'token', 'referer', or 'all'`: no list of arguments."""
_PLACEHOLDER = re.compile(
    r"\.{3}[)\]}]*|\*+|x{3,}|\$\{[^}]*\}|\$[A-Z_][A-Z0-9_]*|\{[A-Za-z_.]*\}|%\([A-Za-z_]+\)s|%[sr]|<[^<>]*>?"
)


@lru_cache(maxsize=1024)
def is_secret_name(name: str) -> bool:
    """Returns whether the value of a name is secret: `DB_PASSWORD`, `apiKey`, `x-api-key`, `jwt`.

    The last word decides, so `token_url` and `password_min_length` are not; a number at the end is
    ignored.
    """
    words = words_of(name)
    while words and words[-1].isdecimal():
        words.pop()
    if not words:
        return False
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last in ("key", "keys"):
        return before in _KEYS
    if last == "auth":
        return before in _AUTH
    if last == "id":
        return before == "session"
    named = last in _NAMES or last.endswith(_ENDINGS)
    return named and before not in _HARMLESS.get(last, ())


def words_of(name: str) -> list[str]:
    """Returns the words of a name in lower case: of `apiKey` and of `api-key`."""
    return [word.lower() for word in _WORD.findall(name[-_LONGEST_NAME:])]


def without_secrets(text: str) -> str:
    """Returns the text with each secret in it replaced by `***`."""
    text = without_known(text)
    if "PRIVATE KEY" in text:
        text = _PEM.sub(MASK, text)
    if "://" in text:
        text = _URL.sub(_without_password, text)
        text = _HOOK.sub(MASK, text)
    if "-p" in text:
        text = _MYSQL.sub(_without_argument, text)
    if _may_name_secret(text.lower()):
        text = _without_values(text)
    return _SHAPES.sub(MASK, _SCHEME.sub(_without_token, text))


def _may_name_secret(text: str) -> bool:
    for part in _PARTS:  # any() of a generator takes four times as long
        if part in text:
            return True
    return False


def public_line(text: str) -> str:
    """Returns a text as one line for any user: secrets masked, control characters escaped."""
    return visible_line(without_secrets(text))


def _without_password(match: re.Match[str]) -> str:
    user = match["user"]
    return f"{MASK}@" if user is None else f"{user}:{MASK}@"


def _without_token(match: re.Match[str]) -> str:
    if _is_word(match["token"]):
        return match[0]
    return f"{match['scheme']}{match['gap']}{MASK}"


def joins_password(command: str, argument: object) -> bool:
    """Returns whether a command of a list gets its password in this argument: `-pSECRET`."""
    joined = isinstance(argument, str) and argument.startswith("-p")
    return joined and _MYSQL.search(f"{command} {argument}") is not None


def _without_argument(match: re.Match[str]) -> str:
    kind = "quoted" if match["bare"] is None else "bare"
    if _PLACEHOLDER.fullmatch(match[kind]):
        return match[0]
    start, end = match.span(kind)
    return f"{match.string[match.start() : start]}{MASK}{match.string[end : match.end()]}"


def _without_values(text: str) -> str:
    pieces, done = [], 0
    for match in _NAME.finditer(text):
        if match.start() < done:
            continue
        span = _secret_at(text, match)
        if span is not None:
            pieces.append(text[done : span[0]])
            pieces.append(MASK)
            done = span[1]
    return "".join([*pieces, text[done:]]) if pieces else text


def _secret_at(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """Returns start and end of the secret value of a name, None without a secret value."""
    name, sep = match["name"].strip("-."), match["sep"]
    if name.lower() in ("cookie", "set-cookie") and ":" in sep:
        return None if _SENTENCE.match(text, match.end()) else _field_line(text, match)
    if not (is_secret_name(name) or ("=" in sep and _is_signature(name))):
        return None
    if "=" in sep and (field := _FIELD.match(text, match.end())):
        return field.span()
    value = _VALUE.match(text, match.end())
    if "," in sep and value is not None and _CHOICES.match(text, value.end("quoted")):
        return None
    if value is not None and value["bare"] in ("Digest", "AWS4-HMAC-SHA256"):
        return _line(text, match.end())
    return None if value is None or _stays(value, match) else _content(value)


def _is_signature(name: str) -> bool:
    """Returns whether this is the name of the signature in a signed URL."""
    return words_of(name)[-1:] in (["signature"], ["sig"])


def _content(value: re.Match[str]) -> tuple[int, int]:
    start, end = next(value.span(kind) for kind in _KINDS if value[kind] is not None)
    if value["bare"] is None:
        return start, end
    inner = len(value["bare"].rstrip(")]}>."))  # closing brackets around the pair
    return start, start + inner if inner else end


_KINDS = ("quoted", "escaped", "bare")


def _line(text: str, start: int) -> tuple[int, int] | None:
    """Returns the span of a header field's whole value: to its quote, or to the end of the line."""
    match = _WHOLE_LINE.match(text, start)
    if match is None or _PLACEHOLDER.fullmatch(match[0]):
        return None
    return match.end("quote") if match["quote"] else match.start(), match.end()


def _field_line(text: str, name: re.Match[str]) -> tuple[int, int] | None:
    """Returns the span of a field's value; a quote before the name of the field ends it."""
    span = _line(text, name.end())
    quote = text[name.start() - 1 : name.start()]
    if span is None or quote not in ("'", '"') or name["sep"][:1] == quote:
        return span
    end = text.rfind(quote, *span)
    rest = text[end + 1 : span[1]]
    return span if end < 0 or "=" in rest or ";" in rest else (span[0], end)


def _stays(value: re.Match[str], name: re.Match[str]) -> bool:
    """Returns whether the text after a secret name is a word of a sentence or a placeholder."""
    start, end = _content(value)
    content = value.string[start:end]
    if _PLACEHOLDER.fullmatch(content) or _PLACEHOLDER.fullmatch(value["bare"] or ""):
        return True
    if not content or content.lower() in _LITERALS:
        return True
    if not name["sep"].strip(" \t"):
        return not _of_command_line(value, name, content)
    if value["bare"] is None or "=" in name["sep"] or value["scheme"]:
        return False
    return _is_prose(value, name, content)


def _of_command_line(value: re.Match[str], name: re.Match[str], content: str) -> bool:
    """Returns whether a blank separates name and value: `--password x` or `password 'x'`."""
    if value["bare"] is None:
        return "token" not in name["name"].lower()
    option = name["name"].startswith("-")
    return option and content.lower() not in _PROSE and not content.isupper()


def _is_prose(value: re.Match[str], name: re.Match[str], content: str) -> bool:
    """Returns whether `name: word` continues as a sentence."""
    if content.isdecimal() and len(content) < 4 and name["name"].lower() in ("pass", "token"):
        return True
    bare = content.rstrip(".:!?")
    if not _is_word(bare):
        return False
    rest = value.string[value.end() : value.end() + 2].strip(" \t")
    return bare.lower() in _PROSE or bool(rest and rest[0].isalpha())


def _is_word(text: str) -> bool:
    return text.isalpha() and (text.islower() or text.istitle() or text.isupper())
