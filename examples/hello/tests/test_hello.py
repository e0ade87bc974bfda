"""Requests to the app."""

import pytest

from eggd.testing.client import Client


def test_the_root_says_hi(client):
    response = client.get("/").expect(200)
    assert (response.text, response.headers["X-Powered-By"]) == ("hi, egg", "eggd")


def test_it_greets(client):
    assert client.get("greet", params={"name": "ada"}).json() == {"message": "hello, ada"}


def test_it_echoes_json(client):
    assert client.post("/echo", json={"a": [1]}).json() == {"a": [1]}


def test_it_greets_with_what_the_service_says(client, mock_service):
    mock_service("greeting", "text", "moin")
    assert client.get("/greet/ada").json() == {"message": "moin"}


@pytest.mark.parametrize(("env", "greeting"), [("local", "hello"), ("prod", "good day")])
def test_each_environment_has_its_greeting(start_app, app_dir, env, greeting):
    page = Client(start_app(app_dir, env=env)).get("/greet/ada")
    assert page.json() == {"message": f"{greeting}, ada"}


def test_real_workers_serve_it(cluster, app_dir):
    with cluster(app_dir, env="prod").connect() as connection:
        connection.sendall(b"GET / HTTP/1.0\r\nHost: hello\r\n\r\n")
        assert connection.makefile("rb").read().endswith(b"\r\n\r\nhi, egg")
