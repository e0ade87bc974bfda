"""`app.validator`: checks data by rules or by a class, with the types that the app adds."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Mapping
from types import FrameType

from eggd import Context, EggError
from eggd.plugins.validate import checks
from eggd.plugins.validate.cache import Cache
from eggd.plugins.validate.compiler import Compiler, Custom, CustomType, Raw, conversion_of
from eggd.plugins.validate.conversion import Convert
from eggd.plugins.validate.errors import InvalidParamError, RuleError
from eggd.plugins.validate.fields import Fields
from eggd.plugins.validate.messages import INVALID, Message, english, message
from eggd.plugins.validate.models import Decode, decoder_of
from eggd.plugins.validate.options import ALIASES, SHAPES
from eggd.plugins.validate.run import EnoughError, Problem, Run, Text, TrialsError
from eggd.plugins.validate.section import ValidateConfig
from eggd.plugins.validate.text import child, value_text
from eggd.plugins.validate.timed import TimedPattern, is_quick

Translate = Callable[..., str]
"""Returns a message in the language of a request: a function of ctx, the template of the message,
and the values of its places. ctx is None in `app.validator.validate`."""

_RULES = (dict, Mapping)
"""Classes of rules; a dict is the first, as `isinstance` is slow for abstract classes."""


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
        or a list of errors; a regular expression must match the whole text, of `max_format_length`
        characters at most. `convert_type` is the conversion of the type if `convert` is on.
        """
        where = f"app.validator.add_rule: {name!r}"
        if not isinstance(name, str) or not name or name.endswith("?"):
            raise RuleError(f"{where} is not the name of a type", hint="text that ends without '?'")
        if not override and (name in SHAPES or name in ALIASES or name in self._custom):
            raise RuleError(f"{where} exists already", hint="omit override=False to replace it")
        convert = None if convert_type is None else conversion_of(convert_type, where)
        longest = self._options.max_format_length
        self._custom[name] = CustomType(_custom_check(check, name, where, longest), convert)
        self._cache.clear()
        self._models.clear()

    def validate(
        self, rules: Mapping[str, object], data: object, *, convert: bool | None = None
    ) -> list[Problem] | None:
        """Returns the errors of data, None without any; sets defaults and converted values in it.

        Raises RuleError for wrong rules.
        """
        run, frame = self._run(None, convert), sys._getframe(1)
        fields = self._cache.get(rules, frame, run.convert) or self._compiled(rules, frame, run)
        self._picked(fields, data, run)
        return run.errors or None

    def checked(
        self, ctx: Context, rules: object, data: object, frame: FrameType, convert: bool | None
    ) -> object:
        """Returns the data that has rules, or the instance of a class (see `ctx.validate`).

        `frame` is that of the call. Raises RuleError for wrong rules, InvalidParamError for wrong
        data.
        """
        run = self._run(ctx, convert)
        if isinstance(rules, _RULES):
            fields = self._cache.get(rules, frame, run.convert) or self._compiled(rules, frame, run)
            result = self._picked(fields, data if isinstance(data, dict) else _as_dict(data), run)
        else:
            result = self._instance(self._decoder(rules, frame), data, run)
        if run.errors:
            raise InvalidParamError(run.errors)
        return result

    def _run(self, ctx: Context | None, convert: bool | None) -> Run:
        options = self._options
        if convert is not None and not isinstance(convert, bool):
            raise RuleError(
                f"validate: convert must be True, False or None, not {convert!r}",
                hint="a conversion of one rule is its convert_type",
            )
        text = english if self.translate is None else _translated(self.translate, ctx)
        return Run(options, text, options.convert if convert is None else convert)

    def _compiled(self, rules: object, frame: FrameType, run: Run) -> Fields:
        with _Place(frame):
            fields = self._compiler.fields(rules, "", convert=run.convert)
        self._cache.put(rules, frame, run.convert, fields)
        return fields

    def _decoder(self, model: object, frame: FrameType) -> Decode:
        decode = self._models.get(model, frame, None)
        if decode is None:
            with _Place(frame):
                decode = decoder_of(model, self._compiler)
            self._models.put(model, frame, None, decode)
        return decode

    def _picked(self, fields: Fields, data: object, run: Run) -> object:
        """Returns the fields with rules; the errors are those of the run."""
        try:
            if not isinstance(data, dict):
                if self._options.validate_root:
                    run.append({"code": INVALID, "message": run.text(message("root"))})
                    return data
                data = {}
            check = fields.function or fields.check
            return check(data, run, "") or fields.pick(data)
        except EnoughError:
            pass
        return data

    def _instance(self, decode: Decode, data: object, run: Run) -> object:
        try:
            return decode(data, run, "")
        except EnoughError:
            return None
        except (RecursionError, TrialsError):
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


def _translated(translate: Translate, ctx: Context | None) -> Text:
    return lambda problem: translate(ctx, problem.template, *problem.values)


def _as_dict(data: object) -> object:
    return dict(data) if isinstance(data, Mapping) else data


def _custom_check(check: object, name: str, where: str, longest: int) -> Custom:
    """Returns the check of an added type. Raises RuleError for what cannot be called."""
    if isinstance(check, re.Pattern):
        return _of_pattern(check, longest)
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
            raise EggError(f"the check of type {name!r} returned {value_text(result)}", hint=hint)
        for each in result:
            _append(run, path, each)
        return None

    return checked


def _of_pattern(pattern: re.Pattern[str], longest: int) -> Custom:
    misfit = message("format", checks.pattern_text(pattern))
    slow = None if is_quick(pattern) else TimedPattern(pattern)

    def checked(
        _rule: Raw, value: object, _data: Mapping[str, object], run: Run, _path: str
    ) -> Message | None:
        if not isinstance(value, str):
            return message("string")
        if not value:
            return message("empty")
        if len(value) > longest:
            return message("max_length", longest)
        if slow is not None:
            return checks.matched(slow, value, run, misfit)
        return None if pattern.fullmatch(value) else misfit

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
