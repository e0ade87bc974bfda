"""The ways to check a class: by its annotations, by pydantic, by msgspec.

The two libraries are used only if an app has imported them.
"""

from __future__ import annotations

from eggd.plugins.validate.compiler import Compiler
from eggd.plugins.validate.errors import RuleError
from eggd.plugins.validate.foreign import foreign_decoder
from eggd.plugins.validate.typed.annotations import Annotations
from eggd.plugins.validate.typed.decode import Decode as Decode


def decoder_of(model: object, compiler: Compiler) -> Decode:
    """Returns the function that makes an instance of a class, or a value of an annotation.

    Raises RuleError for what cannot be checked.
    """
    if model is None or isinstance(model, str | int | list | tuple):
        raise RuleError(
            f"{model!r} is neither rules nor a class",
            hint="a dict of rules, a dataclass, TypedDict, msgspec Struct or pydantic model",
        )
    return Annotations(compiler, foreign_decoder).decoder(model, "")
