"""What the Python peers answer."""

from __future__ import annotations

HELLO = "hello, egg"


def team() -> dict[str, object]:
    """Returns the object of GET /json, built anew for each request."""
    return {
        "size": 10,
        "members": [{"id": n, "name": f"member {n}", "active": True} for n in range(10)],
    }
