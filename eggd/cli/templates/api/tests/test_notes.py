"""The resource /api/notes, as a client sees it."""

import pytest
from eggd.testing.client import Client


def test_a_note_comes_is_changed_and_goes(client: Client) -> None:
    response = client.post("/api/notes", json={"text": "buy eggs"}).expect(201)
    where = response.headers["Location"]
    assert client.get(where).json()["text"] == "buy eggs"
    assert client.put(where, json={"text": "buy six"}).json()["text"] == "buy six"
    assert client.get("/api/notes").json() == [client.get(where).json()]
    client.delete(where).expect(204)
    client.get(where).expect(404)


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 5}, ["text"]])
def test_a_malformed_note_is_refused(client: Client, body: object) -> None:
    answer = client.post("/api/notes", json=body)
    assert answer.status == 422


@pytest.mark.parametrize("number", ["0", "x"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_one_not_there_is_404(client: Client, method: str, number: str) -> None:
    answer = client.request(method, f"/api/notes/{number}", json={"text": "a"})
    assert answer.status == 404
