"""Changes the text of a template, before an engine compiles it (process:HLP-11)."""

from __future__ import annotations

import re

_FORM = re.compile(r"<form\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_END = re.compile(r"</form\s*>", re.IGNORECASE)
_SCRIPT = re.compile(r"<script(?=[\s>/])((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.IGNORECASE)
_NONCE = re.compile(r"(?:^|[\s\"'/])nonce\s*=", re.IGNORECASE)
_ELSEWHERE = re.compile(r"\baction\s*=\s*[\"']?\s*(?:[a-z][a-z0-9+.\-]*:|[/\\]{2})", re.IGNORECASE)
_GET = re.compile(r"\bmethod\s*=\s*[\"']?\s*(?:get|dialog)\b", re.IGNORECASE)
_DEFENSE = "<!--for injection--><!--</html>--><!--for injection-->"


def inject_csrf(text: str, name: str, value: str) -> str:
    """Returns a template whose forms have a hidden field with the token.

    A form that has the field already, or calls `csrf_field()` of the plugin view, is not changed.
    Neither is one that is sent by GET or to another site: those would disclose the token.
    """
    pieces: list[str] = []
    at = 0
    field = f'\r\n<input type="hidden" name="{name}" value="{value}" />'
    named = f'name="{name}"', f"name='{name}'", "csrf_field("
    for form in _FORM.finditer(text):
        end = _END.search(text, form.end())
        if end is None:
            break
        if form.start() < at or _is_foreign(form[1]):
            continue
        content = text[form.end() : end.start()]
        if not any(each in content for each in named):
            pieces += (text[at : end.start()], field)
            at = end.start()
    return "".join((*pieces, text[at:]))


def _is_foreign(attributes: str) -> bool:
    return bool(_ELSEWHERE.search(attributes) or _GET.search(attributes))


def inject_nonce(text: str, value: str) -> str:
    """Returns a template whose `<script>` elements have a nonce, unless they have one already."""

    def with_nonce(script: re.Match[str]) -> str:
        if _NONCE.search(script[1]):
            return script[0]
        return f'{script[0][:-1]} nonce="{value}">'

    return _SCRIPT.sub(with_nonce, text)


def inject_hijacking_defense(text: str) -> str:
    """Returns a template between comments with `</html>`.

    A provider of network access that inserts advertisements there inserts them into a comment.
    """
    return f"{_DEFENSE}{text}{_DEFENSE}"
