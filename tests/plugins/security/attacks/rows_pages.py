"""Places of a page where a visitor's text is written, by the helpers and the plugin view."""

from __future__ import annotations

from tests.plugins.security.attacks.rows import PageAttack

ROWS = [
    PageAttack(name="xss: text by the engine", template="<p>{{ v }}</p>"),
    PageAttack(name="xss: text by escape", template="<p>{{ h.escape(v)|safe }}</p>"),
    PageAttack(name="xss: an attribute by the engine", template='<p title="{{ v }}">a</p>'),
    PageAttack(
        name="xss: an attribute by escape", template="<p title='{{ h.escape(v)|safe }}'>a</p>"
    ),
    PageAttack(name="xss: a link by surl", template='<a href="{{ h.surl(v)|safe }}">a</a>'),
    PageAttack(name="xss: an image by surl", template="<img src='{{ h.surl(v)|safe }}'>"),
    PageAttack(
        name="xss: a string by sjs", template='<script>window.a = "{{ h.sjs(v)|safe }}"</script>'
    ),
    PageAttack(
        name="xss: a single quote by sjs", template="<script>a = '{{ h.sjs(v)|safe }}'</script>"
    ),
    PageAttack(
        name="xss: data by sjson", template="<script>a = {{ h.sjson({v: [v]})|safe }}</script>"
    ),
    PageAttack(name="xss: data by tojson", template="<script>a = {{ {v: v}|tojson }}</script>"),
    PageAttack(name="xss: HTML by shtml", template="<div>{{ h.shtml(v)|safe }}</div>"),
    PageAttack(name="xss: a text area", template="<textarea>{{ v }}</textarea>"),
    PageAttack(name="xss: a title", template="<title>{{ h.escape(v)|safe }}</title>"),
    PageAttack(name="xss: a comment", template="<!-- {{ h.escape(v)|safe }} -->"),
    PageAttack(name="xss: a path by spath", template='<a href="/files/{{ h.spath(v) }}">a</a>'),
    PageAttack(name="xss: a comment by the engine", template="<!-- {{ v }} -->"),
    PageAttack(
        name="xss: a data attribute by tojson", template="<p data-egg='{{ {v: v}|tojson }}'>a</p>"
    ),
    PageAttack(
        name="xss: a part of a URL by urlencode",
        template='<a href="/eggs/{{ v|urlencode }}?q={{ v|urlencode }}">a</a>',
    ),
    PageAttack(name="xss: a style by int", template='<p style="width: {{ v|int }}px">a</p>'),
    PageAttack(
        name="xss: a macro", template="{% macro m(t) %}<p>{{ t }}</p>{% endmacro %}{{ m(v) }}"
    ),
    PageAttack(name="xss: text by join", template="<p>{{ ['<b>'|safe, v]|join(', ') }}</p>"),
    PageAttack(name="xss: a translation with a value", template='<p>{{ __("Hello %s", v) }}</p>'),
    PageAttack(
        name="xss: a translation in an attribute",
        template="""<p title="{{ __('Hello {name}', name=v) }}">a</p>""",
    ),
    PageAttack(name="xss: a translation by its key", template="<p>{{ _(v) }}</p>"),
    PageAttack(
        name="xss: a plural",
        template='<p>{{ ngettext("{n} egg of %s", "{n} eggs of %s", 2, v) }}</p>',
    ),
    PageAttack(
        name="xss: a trans block",
        template="<p>{% trans name=v %}Hello <b>{{ name }}</b>{% endtrans %}</p>",
    ),
    PageAttack(
        name="xss: a message of the validation",
        template="<p title='{{ problem(v) }}'>{{ problem(v) }}</p>",
    ),
    PageAttack(name="xss: a word by cli_filter", template="<p class={{ h.cli_filter(v) }}x>a</p>"),
]
TEXTS = [
    "<script>window.attacked=1</script>",
    "</script><script>window.attacked=1</script>",
    "<img src=x onerror=window.attacked=1>",
    "<svg onload=window.attacked=1>",
    "<svg/onload=window.attacked=1>",
    "<svg><script>window.attacked=1</script></svg>",
    "<math><mtext><img src=x onerror=window.attacked=1></math>",
    '" onmouseover="window.attacked=1" x="',
    "' onmouseover='window.attacked=1' x='",
    '"><img src=x onerror=window.attacked=1>',
    "'><img src=x onerror=window.attacked=1>",
    '";window.attacked=1;//',
    "';window.attacked=1;//",
    '\\";window.attacked=1;//',
    "\\';window.attacked=1;//",
    "`;window.attacked=1;`",
    "\u2028window.attacked=1//",
    "\nwindow.attacked=1//",
    "${window.attacked=1}",
    "javascript:window.attacked=1",
    " JaVaScRiPt:window.attacked=1",
    "java\tscript:window.attacked=1",
    "javascript&colon;window.attacked=1",
    "&#106;avascript:window.attacked=1",
    "javascript://%0awindow.attacked=1",
    "data:text/html,<script>window.attacked=1</script>",
    '<a href="javascript:window.attacked=1">x</a>',
    '<a href=" &#14; javascript:window.attacked=1">x</a>',
    '<a href="java&#10;script:window.attacked=1">x</a>',
    "<iframe srcdoc='<script>parent.attacked=1</script>'></iframe>",
    "<iframe src=javascript:parent.attacked=1></iframe>",
    "<object data=javascript:window.attacked=1></object>",
    "<style>@import 'javascript:window.attacked=1'</style>",
    "<b onclick=window.attacked=1 autofocus tabindex=1 onfocus=window.attacked=1>x</b>",
    "<details open ontoggle=window.attacked=1>",
    "<video><source onerror=window.attacked=1></video>",
    "<video src=x onerror=window.attacked=1></video>",
    "<!--><img src=x onerror=window.attacked=1>-->",
    "--><img src=x onerror=window.attacked=1><!--",
    "<!-- --!><img src=x onerror=window.attacked=1>",
    "</textarea><img src=x onerror=window.attacked=1>",
    "</title><img src=x onerror=window.attacked=1>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:window.attacked=1'>",
    "<form action=javascript:window.attacked=1><button>x</button></form>",
    "<img src=`x`onerror=window.attacked=1>",
    "<img title='`><img src=x onerror=window.attacked=1>'>",
    "<noscript><p title='</noscript><img src=x onerror=window.attacked=1>'>",
    "<<script>window.attacked=1//<</script>",
    "{{7*7}}",
]
"""Texts that run code where a place does not hold them off."""
