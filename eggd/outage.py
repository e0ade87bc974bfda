"""Logs an outage of a server or file in two lines: when it begins and when it ends."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import TYPE_CHECKING

from eggd.masking.secrets import without_secrets

if TYPE_CHECKING:
    from eggd.log import Logger


class Outage:
    """Whether a server, file or device that the process uses works, as its last answer shows.

    The code that uses it reports each success and each failure, in one thread. The first failure is
    logged as an error, `TITLE is down: REASON (EFFECT)`, and the first success after it as
    `TITLE is back after 2.5 s`; other reports log nothing and cost no more than a comparison.
    """

    def __init__(self, title: str, logger: Callable[[], Logger], *, effect: str = "") -> None:
        """Prepares: it works as long as no failure is reported.

        `title` names the thing in the log: "[money] the bank at 10.0.0.7". `logger` returns the
        logger of a line; `effect` is what an outage means: "orders wait".
        """
        self._title = title
        self._logger = logger
        self._effect = f" ({effect})" if effect else ""
        # The clock at the first failure; None while it works.
        self._since: float | None = None
        # The reason of the first failure; "" while it works.
        self._problem = ""

    @property
    def is_on(self) -> bool:
        """Whether the last report was a failure."""
        return self._since is not None

    @property
    def problem(self) -> str:
        """The reason of the first failure, without secrets; "" while it works.

        This is what a function of `app.dependencies.add` returns.
        """
        return self._problem

    def failure(self, reason: str | BaseException) -> bool:
        """Takes a failure; returns whether an outage begins with it, which is logged.

        Of an exception without a text, the reason is its type.
        """
        if self._since is not None:
            return False
        self._since = monotonic()
        text = str(reason) or type(reason).__name__
        self._problem = without_secrets(text)
        self._logger().error("%s is down: %s%s", self._title, self._problem, self._effect)
        return True

    def success(self) -> bool:
        """Takes a success; returns whether an outage ends with it, which is logged."""
        if self._since is None:
            return False
        seconds, self._since, self._problem = monotonic() - self._since, None, ""
        self._logger().info("%s is back after %.1f s", self._title, seconds)
        return True
