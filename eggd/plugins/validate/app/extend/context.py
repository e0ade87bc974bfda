"""`ctx.validate`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TypeVar, overload

import eggd

T = TypeVar("T")


class Context(eggd.Context):
    """A request whose data can be checked."""

    @overload
    def validate(
        self, rules: Mapping[str, object], data: object = ..., *, convert: bool | None = ...
    ) -> dict[str, object]: ...
    @overload
    def validate(self, rules: type[T], data: object = ..., *, convert: bool | None = ...) -> T: ...
    def validate(
        self, rules: object, data: object = None, *, convert: bool | None = None
    ) -> object:
        """Returns checked data, by default of the request's body.

        `rules` is a dict of rules by field, or a class: a dataclass, TypedDict, msgspec Struct or
        pydantic model. Rules return the fields that have rules, and set converted values and
        defaults in the data; a class returns an instance. `convert` decides instead of
        `config.validate.convert`. Raises InvalidParamError for wrong data, an HttpError 422
        with the list `errors`, and RuleError for wrong rules.
        """
        given = self.request.body if data is None else data
        return self.app.validator.checked(self, rules, given, sys._getframe(1), convert)
