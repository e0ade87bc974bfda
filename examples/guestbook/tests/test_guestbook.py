"""Requests to the app."""

import re
from collections.abc import Mapping

import pytest

from eggd.testing.client import Client

PNG = b"\x89PNG\r\n\x1a\n and the rest of a picture"


def sign(client: Client, picture: bytes = b"", headers: Mapping[str, str] | None = None, **fields):
    """Sends the form as a browser does."""
    parts = [(f'name="{name}"', text.encode()) for name, text in fields.items()]
    parts.append((f'name="picture"; filename="{"egg.png" if picture else ""}"', picture))
    return send(client, parts, headers)


def send(client: Client, parts, headers: Mapping[str, str] | None = None):
    """Sends parts of a form: the parameters of each, and its content."""
    body = b"".join(
        b"--edge\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % (head.encode(), content)
        for head, content in parts
    )
    own = {"Content-Type": "multipart/form-data; boundary=edge", "Sec-Fetch-Site": "same-origin"}
    return client.post("/", body=body + b"--edge--\r\n", headers={**own, **(headers or {})})


def count(client: Client) -> int:
    """Returns the number of entries that the page names."""
    return int(re.findall(r"<h2>(\d+) entr", client.get("/").text)[0])


def test_an_entry_is_kept_and_shown(client):
    answer = sign(client, name="Ada", text="Lovely <b>eggs</b>").expect(303)
    page = client.get("/").text
    assert answer.headers["Location"].startswith("/#entry-")
    assert "Lovely &lt;b&gt;eggs&lt;/b&gt;" in page


def test_a_picture_has_the_type_of_its_content(client):
    id = sign(client, PNG, name="Ada", text="hi").headers["Location"].rpartition("-")[2]
    answer = client.get("picture", params={"id": id}).expect(200)
    assert (answer.headers["Content-Type"], answer.body) == ("image/png", PNG)


@pytest.mark.parametrize(
    ("fields", "picture", "problem"),
    [
        ({"text": "hi"}, b"", "name-problem"),
        ({"name": "Ada", "text": "  "}, b"", "text-problem"),
        ({"name": "a" * 41, "text": "hi"}, b"", "at most 40 characters"),
        ({"name": "Ada", "text": "hi"}, b"<script>alert(1)</script>", "picture-problem"),
        ({"name": "Ada", "text": "hi"}, b"a file of no known type", "picture-problem"),
        ({"name": "Ada", "text": "hi", "z": "x" * 1000}, b"GIF89a", "picture-problem"),
    ],
)
def test_a_mistake_is_shown_at_its_field(client, fields, picture, problem):
    answer = sign(client, picture, **fields).expect(422)
    assert problem in answer.text
    assert "hi</textarea>" in answer.text or "text-problem" in answer.text


def test_a_line_break_is_one_character(client):
    sign(client, name="Ada", text="eggs\r\n" * 200).expect(303)
    assert sign(client, name="Ada", text="eggs!\r\n" * 200).status == 422


def test_a_field_is_never_taken_for_a_picture(client):
    parts = [('name="name"', b"Ada"), ('name="text"', b"hi"), ('name="picture"', b"image/png")]
    before = client.get("/").text.count("<img")
    send(client, parts).expect(303)
    assert client.get("/").text.count("<img") == before


def test_a_double_click_signs_once(client):
    before = count(client)
    first, second = (sign(client, PNG, name="Ada", text="twice") for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"]
    assert count(client) == before + 1
    other = sign(client, name="Ada", text="twice")
    assert other.headers["Location"] != first.headers["Location"]
    assert count(client) == before + 2


def test_every_entry_is_counted(client):
    before = count(client)
    for number in range(51):
        sign(client, name="Ada", text=f"visit {number}").expect(303)
    assert count(client) == before + 51
    assert client.get("/").text.count("<article") == 50


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([('name="picture"; filename="a.png"', PNG + b"x" * 2**20)], "The picture is too"),
        ([('name="picture"; filename="a.png"', PNG)] * 2, "An entry has one picture"),
        ([('name="text"', b"x" * 200_000)], "That is too much for one entry"),
        ([(f'name="{number}"', b"x") for number in range(11)], "That is too much"),
    ],
)
def test_each_limit_has_its_reason(start_app, app_dir, parts, reason):
    client = Client(start_app(app_dir, env="prod"))
    page = send(client, parts, {"Accept": "text/html"}).expect(413)
    assert reason in page.text


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Leave us a few lines"), ("de", "Schreiben Sie uns")]
)
def test_each_language(client, language, title):
    assert title in client.get("/", headers={"Accept-Language": language}).text


def test_another_site_cannot_sign(client):
    sign(client, name="Eve", text="hi", headers={"Sec-Fetch-Site": "cross-site"}).expect(403)


@pytest.mark.parametrize(
    "path", ["/pictures/9999", "/pictures/x", "/pictures/-1", f"/pictures/{2**64}", "/nothing"]
)
def test_the_error_page(start_app, app_dir, path):
    client = Client(start_app(app_dir, env="prod"))
    page = client.get(path, headers={"Accept": "text/html"}).expect(404)
    assert "Back to the guestbook" in page.text
