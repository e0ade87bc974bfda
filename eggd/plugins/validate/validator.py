"""`app.validator`: checks data by rules or by a class, with the types that the app adds."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Mapping
from types import FrameType

from eggd import Context, EggError, HttpError
from eggd.plugins.validate.cache import Cache
from eggd.plugins.validate.compiler import Compiler, Custom, CustomType, Raw, conversion_of
from eggd.plugins.validate.conversion import Convert
from eggd.plugins.validate.errors import RuleError
from eggd.plugins.validate.fields import Fields
from eggd.plugins.validate.messages import INVALID, Message, english, message
from eggd.plugins.validate.models import Decode, decoder_of
from eggd.plugins.validate.options import ALIASES, SHAPES
from eggd.plugins.validate.run import EnoughError, Problem, Run, Text
from eggd.plugins.validate.section import ValidateConfig
from eggd.plugins.validate.text import child, shortened

Translate = Callable[..., str]
"""Returns a message in the language of a request: a function of ctx, the template of the message,
and the values of its places. ctx is None in `app.validator.validate`."""


class Validator:
    """The rules and types of one app."""

    def __init__(self, options: ValidateConfig) -> None:
        """Takes the checked section `validate`."""
        self.translate: Translate | None = options.translate
        """The translator of messages; None: English."""
        self._options = options
        self._custom: dict[str, CustomType] = {}
        self._compiler = Compiler(options, self._custom)
        self._cache: Cache[Fields] = Cache()
        self._models: Cache[Decode] = Cache()

    def add_rule(
        self,
        name: str,
        check: Callable[..., object] | re.Pattern[str],
        *,
        override: bool = True,
        convert_type: str | Convert | None = None,
    ) -> None:
        """Adds a type that rules may name; raises RuleError for a wrong one.

        `check(rule, value)` or `check(rule, value, data)` returns None, the message for the client,
        or a list of errors; a regular expression must match the whole text. `convert_type` is the
        conversion of the type if `convert` is on.
        """
        where = f"app.validator.add_rule: {name!r}"
        if not isinstance(name, str) or not name or name.endswith("?"):
            raise RuleError(f"{where} is not the name of a type", hint="text that ends without '?'")
        if not override and (name in SHAPES or name in ALIASES or name in self._custom):
            raise RuleError(f"{where} exists already", hint="omit override=False to replace it")
        convert = None if convert_type is None else conversion_of(convert_type, where)
        self._custom[name] = CustomType(_custom_check(check, name, where), convert)
        self._cache.clear()
        self._models.clear()

    def validate(
        self, rules: Mapping[str, object], data: object, *, convert: bool | None = None
    ) -> list[Problem] | None:
        """Returns the errors of data, None without any; sets defaults and converted values in it.

        Raises RuleError for wrong rules.
        """
        fields = self._fields(rules, self._convert(convert), sys._getframe(1))
        return self._errors_of(fields, data, self._run(None, convert)) or None

    def checked(
        self, ctx: Context, rules: object, data: object, frame: FrameType, convert: bool | None
    ) -> object:
        """Returns the data that has rules, or the instance of a class (see `ctx.validate`).

        `frame` is that of the call. Raises RuleError for wrong rules, HttpError 422 for wrong data.
        """
        run = self._run(ctx, convert)
        if isinstance(rules, Mapping):
            fields = self._fields(rules, run.convert, frame)
            data = data if isinstance(data, dict) else _as_dict(data)
            self._errors_of(fields, data, run)
            result = fields.pick(data)
        else:
            result = self._instance(self._decoder(rules, frame), data, run)
        if run.errors:
            raise HttpError(422, "Validation Failed", code="invalid_param", errors=run.errors)
        return result

    def _convert(self, convert: bool | None) -> bool:
        return self._options.convert if convert is None else convert

    def _run(self, ctx: Context | None, convert: bool | None) -> Run:
        options = self._options
        return Run(
            self._text(ctx),
            options.max_errors,
            convert=self._convert(convert),
            widely_undefined=options.widely_undefined,
        )

    def _text(self, ctx: Context | None) -> Text:
        translate = self.translate
        if translate is None:
            return english
        return lambda problem: translate(ctx, problem.template, *problem.values)

    def _fields(self, rules: object, convert: bool, frame: FrameType) -> Fields:
        fields = self._cache.get(rules, frame, convert)
        if fields is None:
            with _Place(frame):
                fields = self._compiler.fields(rules, "", convert=convert)
            self._cache.put(rules, frame, convert, fields)
        return fields

    def _decoder(self, model: object, frame: FrameType) -> Decode:
        decode = self._models.get(model, frame, None)
        if decode is None:
            with _Place(frame):
                decode = decoder_of(model, self._compiler)
            self._models.put(model, frame, None, decode)
        return decode

    def _errors_of(self, fields: Fields, data: object, run: Run) -> list[Problem]:
        try:
            if isinstance(data, dict):
                fields.check(data, run)
            elif self._options.validate_root:
                run.append({"code": INVALID, "message": run.text(message("root"))})
            else:
                fields.check({}, run)
        except EnoughError:
            pass
        return run.errors

    def _instance(self, decode: Decode, data: object, run: Run) -> object:
        try:
            return decode(data, run, "")
        except EnoughError:
            return None
        except RecursionError:
            run.errors.append({"code": INVALID, "field": "", "message": run.text(message("depth"))})
            return None


class _Place:
    """Adds the place of the call to a RuleError."""

    def __init__(self, frame: FrameType) -> None:
        self._frame = frame

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: object, _traceback: object) -> None:
        if isinstance(error, RuleError):
            where = f"{self._frame.f_code.co_filename}:{self._frame.f_lineno}"
            raise RuleError(f"{where}: validate: {error.message}", hint=error.hint) from None


def _as_dict(data: object) -> object:
    return dict(data) if isinstance(data, Mapping) else data


def _custom_check(check: object, name: str, where: str) -> Custom:
    """Returns the check of an added type. Raises RuleError for what cannot be called."""
    if isinstance(check, re.Pattern):
        return _of_pattern(check)
    if not callable(check) or inspect.iscoroutinefunction(check):
        kind = "must not be async" if callable(check) else "must be a function or a pattern"
        raise RuleError(f"{where}: the check {kind}", hint="def check(rule, value): ...")
    arguments = _arguments(check, where)

    def checked(
        rule: Raw, value: object, data: Mapping[str, object], run: Run, path: str
    ) -> Message | None:
        result = check(*(rule, value, data)[:arguments])
        if result is None or (isinstance(result, list) and not result):
            return None
        if isinstance(result, str):
            return Message(result)
        if not isinstance(result, list):
            hint = "return None, the message, or a list of errors"
            raise EggError(f"the check of type {name!r} returned {result!r}", hint=hint)
        for each in result:
            _append(run, path, each)
        return None

    return checked


def _of_pattern(pattern: re.Pattern[str]) -> Custom:
    label = shortened(f"/{pattern.pattern}/")

    def checked(
        _rule: Raw, value: object, _data: Mapping[str, object], _run: Run, _path: str
    ) -> Message | None:
        if not isinstance(value, str):
            return message("string")
        if not value:
            return message("empty")
        return None if pattern.fullmatch(value) else message("format", label)

    return checked


def _arguments(check: Callable[..., object], where: str) -> int:
    """Returns whether a check takes 2 or 3 arguments."""
    signature = inspect.signature(check)
    for count in (3, 2):
        try:
            signature.bind(*range(count))
        except TypeError:
            continue
        return count
    raise RuleError(f"{where}: the check{signature} must take 2 arguments", hint="(rule, value)")


def _append(run: Run, path: str, problem: Mapping[str, str]) -> None:
    name = str(problem.get("field", ""))
    field = f"{path}{name}" if name.startswith("[") or not name else child(path, name)
    text = run.text(Message(str(problem.get("message", ""))))
    run.append({"code": str(problem.get("code", INVALID)), "field": field, "message": text})
