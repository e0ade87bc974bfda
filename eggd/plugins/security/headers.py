"""The header fields of every response, encoded at the start, and how one response differs."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import cast

from eggd import Application, Context, EggError, FixedFields, changed_options
from eggd.plugins.security.conditions import Condition, by_path, condition_of
from eggd.plugins.security.csp import overlaid, takes_nonce
from eggd.plugins.security.fields import PARTS, csp_fields, fields_of
from eggd.plugins.security.options import CspOptions, PartOptions, PermissionsPolicyOptions
from eggd.plugins.security.section import SecurityConfig

_MARK = "-nonce-"
"""Stands for the nonce in the text of the policy."""

_MOST_BLOCKS = 1024
"""Blocks that are kept: each set of conditions has one."""


class SecurityHeaders:
    """The fields of one app."""

    def __init__(self, app: Application, section: SecurityConfig) -> None:
        self._parts: dict[str, PartOptions] = {name: part(section, name) for name in PARTS}
        """The options by the name of the part, those of parts that are off, too."""
        self._conditions: dict[str, Condition] = {}
        # The blocks by the names of the parts that a request does without.
        self._blocks: dict[frozenset[str], FixedFields] = {}
        # The field of the policy, cut at the nonce, by whether Internet Explorer asks.
        self._around: dict[bool, tuple[str, str, str]] = {}
        fields: dict[str, str] = {}
        for name, options in self._parts.items():
            condition = condition_of(name, options)
            if options.enable and condition is not None:
                self._conditions[name] = condition
            if options.enable:
                fields.update(fields_of(name, options))
        app.fix_fields(fields)
        self._app = app
        csp = self._csp = cast("CspOptions", self._parts["csp"])
        # Strict: a policy has the nonce only where a page reads it, and keeps unchanged directives.
        self._is_strict = section.level == "strict"
        self._changes_csp = self._changes()
        self.is_constant = not self._conditions and not self._changes_csp
        """Whether all responses have the same fields, unless a handler changes them."""
        self.by_path = self._by_path()
        """The function that returns the fields of a path, None where they are the usual ones; it
        is None if they depend on more than the path."""
        self._takes_nonce = bool(csp.enable) and takes_nonce(csp.policy)

    def _changes(self) -> bool:
        """Whether each response has a policy of its own: with a nonce, or by the browser."""
        csp = self._csp
        has_nonce = not self._is_strict and takes_nonce(csp.policy)
        return bool(csp.enable and csp.policy) and (has_nonce or csp.support_ie)

    def _by_path(self) -> Callable[[str], FixedFields | None] | None:
        tests = {name: by_path(condition) for name, condition in self._conditions.items()}
        known = [(1 << bit, test) for bit, test in enumerate(tests.values()) if test is not None]
        if self._changes_csp or len(known) < len(tests):
            return None
        blocks: dict[int, FixedFields] = {}  # by the bits of the parts that a path does without

        def fields(path: str) -> FixedFields | None:
            without = 0
            for bit, applies in known:
                if not applies(path):
                    without |= bit
            if not without:
                return None
            block = blocks.get(without)
            if block is None:
                names = [name for bit, name in enumerate(tests) if without >> bit & 1]
                block = blocks[without] = self._block(frozenset(names))
            return block

        return fields

    def choose(self, ctx: Context) -> None:
        """Sets the fields of a response where they depend on the request."""
        without = self._left_out(ctx)
        if without:
            ctx.exchange.fix(self._block(without))
        if self._changes_csp and "csp" not in without:
            self._set_policy(ctx, without, "" if self._is_strict else ctx.nonce)

    def _left_out(self, ctx: Context) -> frozenset[str]:
        """Returns the parts that the request does without."""
        if not self._conditions:
            return frozenset()
        conditions = self._conditions.items()
        return frozenset(name for name, applies in conditions if not applies(ctx))

    def _block(self, without: frozenset[str]) -> FixedFields:
        """Returns the fields without those of some parts."""
        block = self._blocks.get(without)
        if block is None:
            names = [field for name in without for field in fields_of(name, self._parts[name])]
            block = self._app.fixed_fields.but(dict.fromkeys(names))
            if len(self._blocks) < _MOST_BLOCKS:
                self._blocks[without] = block
        return block

    def add_nonce(self, ctx: Context, nonce: str) -> None:
        """Adds the nonce of a request to its policy. Raises EggError if the response has begun."""
        if not (self._is_strict and self._takes_nonce):
            return
        without = self._left_out(ctx)
        if "csp" in without:
            return
        if ctx.response.header_sent:
            text = "ctx.nonce is first used when the response has begun"
            raise EggError(text, hint="read it before the body is streamed")
        self._set_policy(ctx, without, nonce)

    def _set_policy(self, ctx: Context, without: frozenset[str], nonce: str) -> None:
        """Sets the policy of the config, with the nonce in the text that is made once."""
        name, before, after = self._policy_around(ctx)
        if not self._takes_nonce:
            nonce = ""
        fields = {name: f"{before}{nonce}{after}"}
        if nonce and not self._is_strict:
            fields["X-CSP-Nonce"] = nonce
        ctx.exchange.fix(self._block(without | {"csp"}).plus(fields))

    def _policy_around(self, ctx: Context) -> tuple[str, str, str]:
        """Returns the field's name, and its value before and after the nonce."""
        is_ie = self._csp.support_ie and _is_ie(ctx.get("user-agent"))
        around = self._around.get(is_ie)
        if around is None:
            mark = _MARK if self._takes_nonce else ""
            [(name, text)] = csp_fields(self._csp, mark, is_ie=is_ie).items()
            before, _, after = text.partition(mark) if mark else (text, "", "")
            around = self._around[is_ie] = (name, before, after)
        return around

    def _policy(self, ctx: Context, options: CspOptions, nonce: str) -> dict[str, str | None]:
        """Returns the fields of a policy; None for the one without the nonce."""
        is_ie = options.support_ie and _is_ie(ctx.get("user-agent"))
        fields = {**dict.fromkeys(csp_fields(options)), **csp_fields(options, nonce, is_ie=is_ie)}
        if nonce and takes_nonce(options.policy) and not self._is_strict:
            fields["X-CSP-Nonce"] = nonce
        return fields

    def _merged(self, name: str, values: object) -> PartOptions:
        """Returns a part with changes; at level strict a policy keeps its other directives."""
        options = merged(name, self._parts[name], values)
        if self._is_strict and isinstance(options, CspOptions | PermissionsPolicyOptions):
            before = cast("CspOptions", self._parts[name]).policy
            policy = overlaid(before, cast("CspOptions", options).policy)
            return dataclasses.replace(cast("CspOptions", options), policy=policy)
        return options

    def override(self, ctx: Context, changes: Mapping[str, object]) -> None:
        """Applies `ctx.security_options`, part by part, over the config (process:SEC-5).

        Raises EggError for an unknown part or key, and leaves the fields as before.
        """
        fields: dict[str, str | None] = {}
        for name, values in changes.items():
            if name not in self._parts:
                raise EggError(
                    f"ctx.security_options: {name!r} is unknown", hint=f"one of {', '.join(PARTS)}"
                )
            before = self._parts[name]
            options = self._merged(name, values)
            fields |= dict.fromkeys(fields_of(name, before))
            if not options.enable:
                continue
            if isinstance(options, CspOptions):
                nonce = ctx.nonce if takes_nonce(options.policy) else ""
                fields |= self._policy(ctx, options, nonce)
            else:
                fields |= fields_of(name, options)
        ctx.exchange.fix(ctx.exchange.fixed.but(fields))


def part(section: SecurityConfig, name: str) -> PartOptions:
    """Returns a part of the section, which `levels.complete` has completed."""
    return cast("PartOptions", getattr(section, name))


def merged(name: str, options: PartOptions, values: object) -> PartOptions:
    """Returns options with others over them, switched on unless they say otherwise.

    False switches the part off. Raises EggError for a wrong key or value.
    """
    if values is False:
        values = {"enable": False}
    if not isinstance(values, Mapping):
        raise EggError(f"ctx.security_options[{name!r}] = {values!r}", hint="a dict, or False")
    where = f"ctx.security_options[{name!r}]"
    for key in ("match", "ignore"):
        if key in values:
            raise EggError(f"{where}: {key} has no effect on one response", hint="remove the key")
    return changed_options(options, {"enable": True, **values}, where)


def _is_ie(agent: str) -> bool:
    return "MSIE " in agent or "Trident/" in agent
