"""The start page, as a client sees it."""

from eggd.testing.client import Client


def test_it_greets(client: Client) -> None:
    answer = client.get("/")
    assert (answer.status, answer.text) == (200, "hi, egg")


def test_a_missing_page_is_404(client: Client) -> None:
    assert client.get("/nothing").status == 404
