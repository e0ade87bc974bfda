"""Models of pydantic 1, pydantic 2 and msgspec, each in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.house.imports import ROOT
from tests.plugins.validate import libraries

PYDANTIC = """
from enum import Enum
from typing import List, Optional
from pydantic import BaseModel, Field

class Colour(Enum):
    RED = "red"

class Item(BaseModel):
    name: str
    price: float = Field(gt=0)
    colour: Colour = Colour.RED

class Order(BaseModel):
    id: int
    items: List[Item]
    password: str = Field("x" * 9, max_length=12)
    parent: Optional["Order"] = None

getattr(Order, "model_rebuild", Order.update_forward_refs)()
"""
MSGSPEC = """
import enum
from typing import Annotated
import msgspec

class Colour(enum.Enum):
    RED = "red"

class Item(msgspec.Struct):
    name: str
    price: Annotated[float, msgspec.Meta(gt=0)]
    colour: Colour = Colour.RED

class Order(msgspec.Struct):
    id: int
    items: list[Item]
    password: Annotated[str, msgspec.Meta(max_length=12)] = "x" * 9
    parent: "Order | None" = None
"""
CALLS = """
import json, sys
from dataclasses import dataclass
from eggd import HttpError
from tests.plugins.validate.models import check

@dataclass
class Cart:
    order: Order

def judged(model, data):
    try:
        order = check(model, data)
    except HttpError as exc:
        return exc.errors
    order = getattr(order, "order", order)
    return [type(order).__name__, order.items[-1].name if order.items else ""]

deep = {"id": 1, "items": []}
for _ in range(5000):
    deep = {"id": 1, "items": [], "parent": deep}
cases = json.load(sys.stdin)
results = [judged({"Order": Order, "Cart": Cart}[model], data) for model, data in cases]
print(json.dumps([*results, judged(Order, deep)]))
"""


def item(**fields: object) -> dict[str, object]:
    return {"name": "a", "price": 1, **fields}


GOOD = {"id": 1, "items": [item(), item(name="b")]}
MANY = {"id": 1, "items": [item() for _ in range(1000)]}
CASES: list[tuple[str, object, list[str]]] = [
    ("Order", {"items": []}, ["id missing_field"]),
    ("Order", {"id": "x", "items": []}, ["id invalid"]),
    ("Order", {"id": 1, "items": 5}, ["items invalid"]),
    ("Order", {"id": 1, "items": [item(), item(), item(price="x")]}, ["items[2].price invalid"]),
    ("Order", {"id": 1, "items": [item(), item(price=-1)]}, ["items[1].price invalid"]),
    ("Order", {"id": 1, "items": [item(), item(colour="blue")]}, ["items[1].colour invalid"]),
    ("Order", {"id": 1, "items": [item(), {"price": 1}]}, ["items[1].name missing_field"]),
    ("Order", {"id": 1, "items": [*MANY["items"], 5]}, ["items[1000] invalid"]),  # type: ignore[misc]
    ("Order", {**GOOD, "password": "hush-hush-hush"}, ["password invalid"]),
    ("Order", {**GOOD, "parent": {"id": 1, "items": [5]}}, ["parent.items[0] invalid"]),
    ("Order", [], [" invalid"]),
    ("Order", None, [" invalid"]),
    ("Cart", {"order": {"items": []}}, ["order.id missing_field"]),
    ("Cart", {"order": {"id": 1, "items": [5]}}, ["order.items[0] invalid"]),
]


@pytest.mark.parametrize(
    ("library", "code"),
    [("pydantic==1.10.4", PYDANTIC), ("pydantic==2.10.6", PYDANTIC), ("msgspec==0.19.0", MSGSPEC)],
)
def test_models_of_a_library(library: str, code: str) -> None:
    """Debian 12 has pydantic 1.10, Debian 13 has 2.10; the product needs neither library."""
    good: list[tuple[str, object]] = [("Order", GOOD), ("Cart", {"order": GOOD})]
    given = [*good, *((model, data) for model, data, _ in CASES)]
    output = _run(libraries.folder(library), code + CALLS, json.dumps(given))
    first, second, *results, deep = json.loads(output)
    assert first == second == ["Order", "b"]
    for (_, data, expected), errors in zip(CASES, results, strict=True):
        assert [f"{each['field']} {each['code']}" for each in errors] == expected, (data, errors)
        assert all(0 < len(each["message"]) <= 300 for each in errors)
    assert "hush" not in json.dumps(results)
    assert deep[0]["code"] == "invalid"


def _run(folder: Path, code: str, given: str) -> str:
    environ = {**os.environ, "PYTHONPATH": f"{folder}:{ROOT}"}
    argv = [sys.executable, "-W", "error", "-c", code]
    done: Any = subprocess.run(
        argv, input=given, env=environ, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return str(done.stdout)
