"""Response data of the compared Python frameworks."""

from __future__ import annotations

HELLO = "hello, egg"


def team() -> dict[str, object]:
    """Returns the object of GET /json, built anew for each request."""
    return {
        "size": 10,
        "members": [{"id": n, "name": f"member {n}", "active": True} for n in range(10)],
    }


def account(user: str, verbose: str | None) -> dict[str, object]:
    """Returns the object of GET /api/users/:id, built anew for each request."""
    return {
        "id": user,
        "verbose": verbose == "1",
        "items": [{"id": n, "label": f"item {n} of {user}"} for n in range(10)],
    }


def table_rows() -> list[dict[str, object]]:
    """Returns the rows of the page of GET /table."""
    return [
        {"id": n, "name": f"member <{n}>", "email": f"member{n}@egg.example", "price": f"{n}.50"}
        for n in range(100)
    ]
