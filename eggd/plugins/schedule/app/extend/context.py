"""`ctx.claim`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import eggd
from eggd import EggError

if TYPE_CHECKING:
    from eggd.plugins.schedule.claim import Claim


class Context(eggd.Context):
    """The ctx of a job."""

    _claim: Claim | None = None

    @property
    def claim(self) -> Claim:
        """The claim of this run, with its fencing token. Raises EggError outside a job of type
        `cluster`."""
        if self._claim is None:
            raise EggError(
                "ctx.claim: this is not a job of type 'cluster'",
                hint='schedule = {"type": "cluster", ...}',
            )
        return self._claim

    @claim.setter
    def claim(self, claim: Claim) -> None:
        self._claim = claim
