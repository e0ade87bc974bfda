"""Models of libraries that eggd does not depend on.

pydantic.py  models of pydantic 1 and 2
msgspec.py   Structs of msgspec
values.py    messages of libraries, without the values that they quote
"""

from __future__ import annotations

import sys

from eggd.plugins.validate.foreign.msgspec import decode_struct
from eggd.plugins.validate.foreign.pydantic import decode_model
from eggd.plugins.validate.typed.decode import Decode


def foreign_decoder(model: type) -> Decode | None:
    """Returns the function for a class of a library, None for another class."""
    for module, base, make in (
        ("pydantic", "BaseModel", decode_model),
        ("msgspec", "Struct", decode_struct),
    ):
        library = sys.modules.get(module)
        kind: object = getattr(library, base, None)
        if isinstance(kind, type) and issubclass(model, kind):
            return make(model)
    return None
