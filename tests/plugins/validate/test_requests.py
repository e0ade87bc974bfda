"""`ctx.validate` on real requests: forms and JSON, answers and logs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from tests.app.serving import Answer, Client, served

FILES = {
    "config/config_default.py": """
keys = "some text that is long enough for a key"
i18n = {"default_locale": "en-us"}
""",
    "config/locale/de.toml": """
"required" = "fehlt"
"should be an integer" = "muss eine ganze Zahl sein"
"length should bigger than %s" = "mindestens %s Zeichen"
""",
    "app/router.py": """
from dataclasses import dataclass

USER = {
    "name": {"type": "string", "max": 20, "trim": True},
    "age": "int?",
    "password": {"type": "password?"},
}

@dataclass
class Item:
    name: str
    price: float

@dataclass
class Order:
    items: list[Item]
    note: str = ""

def json_user(ctx):
    return ctx.validate(USER)

def form_user(ctx):
    user = ctx.validate(USER, convert=True)
    return {"user": user, "body": ctx.request.body}

def order(ctx):
    order = ctx.validate(Order)
    return {"total": sum(item.price for item in order.items), "note": order.note}

def optional(ctx):
    return ctx.validate({"role": "string?", "n": {"type": "int", "required": False, "default": 3}})

def search(ctx):
    return ctx.validate({"page": {"type": "int", "convert_type": "int"}}, ctx.query)

def wrong(ctx):
    ctx.validate({"v": "strnig"})

def messages(ctx):
    from eggd.plugins.validate.errors import InvalidParamError

    try:
        ctx.validate({"pair": {"type": "object", "rule": {"a": "int"}}, "age": "int"})
    except InvalidParamError as exc:
        return exc.messages

def errors(ctx):
    return ctx.app.validator.validate({"v": "string"}, {})

def router(app):
    app.post("/json", json_user)
    app.post("/form", form_user)
    app.post("/messages", messages)
    app.post("/order", order)
    app.post("/optional", optional)
    app.get("/search", search)
    app.post("/wrong", wrong)
    app.get("/errors", errors)
""",
}
JSON = {"Content-Type": "application/json", "Accept": "application/json"}
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("validate"), FILES, env="prod") as client:
        yield client


def post(client: Client, path: str, data: object, language: str = "en") -> Answer:
    body = json.dumps(data).encode()
    return client.ask("POST", path, body, {**JSON, "Accept-Language": language})


def test_valid_data_has_only_the_fields_with_rules(client: Client) -> None:
    """A field that a client adds is not in the result."""
    data = {"name": " Ann ", "age": 5, "is_admin": True, "constructor_": {"x": 1}}
    answer = post(client, "/json", data)
    assert (answer.status, json.loads(answer.body)) == (200, {"name": "Ann", "age": 5})


@pytest.mark.parametrize("data", [[{"role": "root"}], [], {}])
def test_data_that_is_not_an_object_has_no_fields(client: Client, data: object) -> None:
    """A body without fields is not returned as the client has sent it."""
    answer = post(client, "/optional", data)
    assert (answer.status, json.loads(answer.body)) == (200, {"n": 3})


def test_wrong_data_is_answered_with_422_and_the_errors(client: Client) -> None:
    answer = post(client, "/json", {"age": "5"})
    assert answer.status == 422
    assert json.loads(answer.body) == {
        "code": "invalid_param",
        "message": "Validation Failed",
        "errors": [
            {"code": "missing_field", "field": "name", "message": "required"},
            {"code": "invalid", "field": "age", "message": "should be an integer"},
        ],
    }


def test_a_form_that_is_shown_again_has_a_message_for_each_field(client: Client) -> None:
    """In the language of the visitor."""
    answer = client.ask("POST", "/messages?locale=de", b'{"pair": {}, "age": "x"}', JSON)
    assert json.loads(answer.body) == {"pair.a": "fehlt", "age": "muss eine ganze Zahl sein"}


def test_a_form_is_converted(client: Client) -> None:
    """The body has the converted values afterwards, as in Egg."""
    answer = client.ask("POST", "/form", b"name=Ann&age=5&x=1", FORM)
    assert json.loads(answer.body) == {
        "user": {"name": "Ann", "age": 5},
        "body": {"name": "Ann", "age": 5, "x": "1"},
    }


def test_the_query_is_checked_too(client: Client) -> None:
    assert client.ask("GET", "/search?page=3").text == '{"page":3}'
    assert client.ask("GET", "/search?page=x").status == 422


def test_a_dataclass_is_made_of_the_body(client: Client) -> None:
    answer = post(client, "/order", {"items": [{"name": "a", "price": 2}]})
    assert json.loads(answer.body) == {"total": 2.0, "note": ""}
    items = [{"name": "a", "price": 1}] * 2 + [{"name": 5, "price": "x"}]
    answer = post(client, "/order", {"items": items})
    assert answer.status == 422
    fields = [error["field"] for error in json.loads(answer.body)["errors"]]
    assert fields == ["items[2].name", "items[2].price"]


def test_messages_have_the_language_of_the_visitor(client: Client) -> None:
    answer = post(client, "/json", {"age": "5"}, language="de")
    messages = [error["message"] for error in json.loads(answer.body)["errors"]]
    assert messages == ["fehlt", "muss eine ganze Zahl sein"]
    answer = post(client, "/json", {"name": "a", "password": "abc"}, language="de")
    [error] = json.loads(answer.body)["errors"]
    assert error["message"] == "mindestens 6 Zeichen"


def test_outside_a_request_messages_are_english(client: Client) -> None:
    assert json.loads(client.ask("GET", "/errors").body)[0]["message"] == "required"


def test_what_a_client_sends_is_in_no_answer_and_no_log(
    client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    """Neither the password nor any other value; the answer 422 is one WARN, not an ERROR."""
    answer = post(client, "/json", {"name": 5, "password": "hush-hush hush", "age": "hush-age"})
    assert answer.status == 422
    assert "hush" not in answer.text
    log = capfd.readouterr().err
    assert "422 InvalidParamError: Validation Failed" in log
    assert "hush" not in log
    assert " ERROR " not in log


def test_a_wrong_rule_is_one_line_of_the_log(
    client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    assert post(client, "/wrong", {}).status == 500
    log = capfd.readouterr().err
    assert re.search(r"app/router.py:37: validate: v: unknown type 'strnig' \(did you mean", log)
    assert "Traceback" not in log


@pytest.mark.parametrize("body", [b"[]", b"[1]", b"{}", b'{"name": null}', b'{"name": ""}'])
def test_a_body_without_the_field_is_422(client: Client, body: bytes) -> None:
    answer = client.ask("POST", "/json", body, JSON)
    assert answer.status == 422
    assert json.loads(answer.body)["errors"][0]["field"] == "name"


def test_a_deep_body_is_harmless(client: Client) -> None:
    deep = b'{"name":' + b'{"a":' * 300 + b"1" + b"}" * 301
    assert client.ask("POST", "/json", deep, JSON).status in (400, 422)
