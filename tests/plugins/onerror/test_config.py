"""The section `onerror`: error page, filter, statuses, handlers, and mistakes in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.errors import EggError
from tests.app.loading import loaded
from tests.plugins.onerror.site import HTML, app_log, errors, site

FILE = "config/config_default.py"
JSON = "application/json"
PLAIN = "<h2>Internal Server Error, real status: 500</h2>"


@pytest.mark.parametrize(
    ("url", "location"),
    [
        ("'/oops'", "/oops?real_status=500"),
        ("'/oops?a=b'", "/oops?a=b&real_status=500"),
        ("'/oops#top'", "/oops?real_status=500#top"),
        ("'https://status.example/'", "https://status.example/?real_status=500"),
        ("lambda error, ctx: f'/e{ctx.path}'", "/e/crash?real_status=500"),
    ],
)
def test_the_error_page(tmp_path: Path, url: str, location: str) -> None:
    """Browsers are redirected to it after a server error, JSON is not (core:ERR-5)."""
    with site(tmp_path, f"onerror = {{'error_page_url': {url}}}") as client:
        answer = client.get("/crash", Accept=HTML)
        assert (answer.status, answer.headers["Location"]) == (302, location)
        assert client.get("/crash", Accept=JSON).status == 500
        assert client.get("/throw/404", Accept=HTML).status == 404


def test_an_error_page_that_fails_is_not_a_loop(tmp_path: Path) -> None:
    """And the logs have the real status (core:ERR-5)."""
    config = "onerror = {'error_page_url': '/crash?page'}"
    with site(tmp_path, config) as client:
        answer = client.get("/crash", Accept=HTML)
        assert (answer.status, answer.text) == (
            500,
            "<h2>Internal Server Error, real status: 500</h2>",
        )
        assert (
            client.get("/stock", Accept=HTML).headers["Location"] == "/crash?page&real_status=500"
        )


def test_an_error_page_that_fails_on_this_host_is_not_a_loop(tmp_path: Path) -> None:
    """The whole URL names the page, too."""
    config = "onerror = {'error_page_url': 'http://shop.example/crash#top'}"
    with site(tmp_path, config) as client:
        assert client.get("/crash", Accept=HTML, Host="shop.example").status == 500
        assert client.get("/crash", Accept=HTML, Host="other.example").status == 302


def test_the_real_status_is_known_after_a_redirect(tmp_path: Path) -> None:
    # core:CTX-6, ERR-5
    boot = """
        from eggd import Boot

        class ShopBoot(Boot):
            def did_load(self):
                self.app.on("response", lambda ctx: ctx.logger.info("real %s", ctx.real_status))
        """
    config = "onerror = {'error_page_url': '/oops'}"
    with site(tmp_path, config, files={"app.py": boot}) as client:
        client.get("/throw/503", Accept=HTML)
        assert "] real 503" in app_log(client)


@pytest.mark.parametrize(
    ("result", "logged"), [("False", False), ("None", True), ("True", True), ("1 / 0", True)]
)
def test_the_filter_decides_about_the_log_alone(tmp_path: Path, result: str, logged: bool) -> None:
    """One that fails is logged, too (core:ERR-12, process:ERR-4)."""
    config = f"onerror = {{'app_error_filter': lambda error, ctx: {result}}}"
    with site(tmp_path, config) as client:
        assert client.get("/crash").status == 500
        assert ("LookupError: no such egg" in errors(client)) is logged
        assert ("ZeroDivisionError" in errors(client)) is ("/ 0" in result)


STATUSES = """
from eggd import HttpError
def _refuse(error):
    return HttpError(409, f"sold: {error.args[0]}", code="sold") if error.args[0] else None
onerror = {"statuses": [(LookupError, 404), (OSError, 503), (ArithmeticError, _refuse)]}
"""
MAPPED = """
    def fail(kind, *args):
        def handler(ctx):
            raise kind(*args)
        return handler

    def router(app):
        app.get("/key", fail(KeyError, "id 7"))
        app.get("/file", fail(FileNotFoundError, 2, "gone", "/etc/x"))
        app.get("/sold", fail(ZeroDivisionError, "egg 7"))
        app.get("/unknown", fail(ZeroDivisionError, ""))
        app.get("/wrong", fail(ValueError, ""))
    """


@pytest.mark.parametrize(
    ("path", "status", "text", "line"),
    [
        ("/key", 404, '{"message":"Not Found"}', "404 KeyError: 'id 7' ("),
        ("/file", 503, '{"message":"Service Unavailable"}', ""),
        ("/sold", 409, '{"code":"sold","message":"sold: egg 7"}', "409 ZeroDivisionError: egg 7 ("),
        ("/unknown", 500, '{"message":"Internal Server Error"}', ""),
        ("/wrong", 500, '{"message":"Internal Server Error"}', ""),
    ],
)
def test_statuses_of_exceptions(
    tmp_path: Path, path: str, status: int, text: str, line: str
) -> None:
    """The nearest base class decides; a missing file alone is not a 404 (core:ERR-1)."""
    with site(tmp_path, STATUSES, files={"app/router.py": MAPPED}) as client:
        answer = client.get(path, Accept=JSON)
        assert (answer.status, answer.text) == (status, text)
        assert line in app_log(client)
        assert (" ERROR " in app_log(client)) is (status >= 500)


def test_a_file_that_is_missing_is_not_a_404(tmp_path: Path) -> None:
    """Egg answers 404 for any ENOENT (core:ERR-1, process:ERR-3)."""
    with site(tmp_path, files={"app/router.py": MAPPED}) as client:
        assert client.get("/file", Accept=JSON).status == 500


HANDLERS = """
def _html(error, ctx):
    ctx.body = f"<p>{type(error).__name__} {ctx.status}</p>"
def _json(error, ctx):
    return {"fault": type(error).__name__}
async def _text(error, ctx):
    return f"text {error}"
def _js(error, ctx):
    ctx.status = 200
    ctx.type = "js"
    return f"fail({ctx.status})"
onerror = {"html": _html, "json": _json, "text": _text, "js": _js}
"""


@pytest.mark.parametrize(
    ("path", "accept", "status", "text"),
    [
        ("/throw/503", HTML, 503, "<p>HttpError 503</p>"),
        ("/crash", JSON, 500, '{"fault":"LookupError"}'),
        ("/crash?message=m", "text/plain", 500, "text m"),
        ("/jsonp?callback=f", "*/*", 200, "fail(200)"),
    ],
)
@pytest.mark.parametrize("env", ["prod", "local", "unittest"])
def test_a_handler_of_each_kind(
    tmp_path: Path, env: str, path: str, accept: str, status: int, text: str
) -> None:
    """In every env, sync or async (core:ERR-11, process:ERR-1)."""
    with site(tmp_path, HANDLERS, env=env) as client:
        answer = client.get(path, Accept=accept)
        assert (answer.status, answer.text) == (status, text)


@pytest.mark.parametrize("accept", [HTML, JSON])
@pytest.mark.parametrize(
    ("result", "kind", "text"),
    [
        ("'all of it'", "text/plain; charset=utf-8", "all of it"),
        ("{'all': 1}", "application/json; charset=utf-8", '{"all":1}'),
    ],
)
def test_a_handler_of_all_kinds(
    tmp_path: Path, accept: str, result: str, kind: str, text: str
) -> None:
    """Its body is not encoded again, as Egg does (core:ERR-11)."""
    config = f"onerror = {{'all': lambda error, ctx: {result}}}"
    with site(tmp_path, config) as client:
        answer = client.get("/crash", Accept=accept)
        assert (answer.status, answer.text, answer.headers["Content-Type"]) == (500, text, kind)


@pytest.mark.parametrize("accepts", ["json", "text", "html", "js"])
def test_the_app_chooses_the_kind(tmp_path: Path, accepts: str) -> None:
    # core:ERR-3, process:ERR-2
    config = f"onerror = {{'accepts': lambda ctx: '{accepts}', '{accepts}': lambda e, c: 'mine'}}"
    with site(tmp_path, config) as client:
        assert client.get("/crash").text == "mine"


@pytest.mark.parametrize(
    "option",
    [
        "{'html': lambda error, ctx: 1 / 0}",
        "{'html': _later}",
        "{'all': lambda error, ctx: 1 / 0}",
        "{'accepts': lambda ctx: 1 / 0}",
        "{'accepts': lambda ctx: 'yaml'}",
        "{'statuses': [(LookupError, lambda error: 1 / 0)]}",
        "{'statuses': [(LookupError, lambda error: 7)]}",
        "{'error_page_url': lambda error, ctx: 7}",
        "{'error_page_url': lambda error, ctx: 'javascript:alert(1)'}",
        "{'error_page_url': lambda error, ctx: '//evil.example'}",
    ],
)
@pytest.mark.parametrize("env", ["prod", "local"])
def test_a_handler_that_fails_hides_nothing(tmp_path: Path, option: str, env: str) -> None:
    """One plain 500; both errors are logged, and shown to a developer (known:KW-71)."""
    if env == "local" and "page_url" in option:
        option = "{'html': lambda error, ctx: 1 / 0}"
    config = f"async def _later(error, ctx): 1 / 0\nonerror = {option}"
    with site(tmp_path, config, env=env) as client:
        answer = client.get("/crash", Accept=HTML)
        assert answer.status == 500
        assert "LookupError: no such egg" in errors(client)
        assert "ZeroDivisionError" in errors(client) or "onerror." in errors(client)
        if env == "prod":
            assert answer.text == PLAIN
        else:
            assert "no such egg" in answer.text
            assert "ZeroDivisionError" in answer.text or "EggError" in answer.text


def test_an_app_may_still_replace_onerror(tmp_path: Path) -> None:
    """Its `super().onerror(error)` is the plugin's, without `await` (core:CTX-11)."""
    extension = """
        class Context:
            def onerror(self, error):
                if isinstance(error, LookupError):
                    self.status = 404
                    self.body = "mine"
                else:
                    super().onerror(error)
        """
    with site(tmp_path, files={"app/extend/context.py": extension}) as client:
        assert (client.get("/crash").status, client.get("/crash").text) == (404, "mine")
        assert client.get("/throw/403").text == "<h2>403 Forbidden</h2>"


MISTAKEN = "from eggd import HttpError as _HttpError\nasync def _async(*a): ..."


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ("{'eror_page_url': '/'}", "onerror.eror_page_url: unknown key (did you mean"),
        ("{'html': 'page.html'}", "onerror.html must be a function, not 'page.html'"),
        ("{'html': lambda error: 1}", "onerror.html: too many positional arguments"),
        ("{'accepts': _async}", "onerror.accepts is async (define it: def accepts(ctx))"),
        ("{'app_error_filter': _async}", "onerror.app_error_filter is async"),
        ("{'statuses': [LookupError]}", "onerror.statuses[0]: <class 'LookupError'> is not a pair"),
        ("{'statuses': [('LookupError', 404)]}", "'LookupError' is not a class of exceptions"),
        ("{'statuses': [(BaseException, 404)]}", "is not a class of exceptions"),
        ("{'statuses': [(LookupError, 200)]}", "onerror.statuses[0]: 200 is not an error status"),
        ("{'statuses': [(LookupError, 404), (LookupError, 410)]}", "LookupError is named twice"),
        ("{'statuses': [(_HttpError, 404)]}", "HttpError has a status (remove the pair)"),
        ("{'error_page_url': 'oops'}", "onerror.error_page_url: 'oops' is not a path or a URL"),
        ("{'error_page_url': '//evil.example'}", "is not a path or a URL (write '/error', or"),
        ("{'error_page_url': 'javascript:1'}", "'javascript:1' is not a path or a URL"),
        ("{'editor': 'notepad'}", "onerror.editor: 'notepad' is not an editor (one of vscode"),
        ("{'editor': 'javascript:alert({file})'}", "is not an editor"),
    ],
)  # fmt: skip
def test_a_mistake_is_an_error_at_the_start(tmp_path: Path, options: str, line: str) -> None:
    text = f"{MISTAKEN}\nonerror = {options}\n"
    with pytest.raises(EggError) as caught:
        loaded(tmp_path / "shop", {FILE: text})
    assert line in caught.value.line
    assert FILE in caught.value.line


def test_handlers_beside_all_are_a_warning(tmp_path: Path) -> None:
    text = "onerror = {'all': lambda e, c: 1, 'json': lambda e, c: 1, 'html': lambda e, c: 1}\n"
    app = loaded(tmp_path / "shop", {FILE: text})  # type: ignore[var-annotated]
    line = "onerror.html, onerror.json has no effect: onerror.all answers every error"
    assert line in app.warnings
    app.loggers.close()
