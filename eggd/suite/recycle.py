"""When a worker has reached a limit and is replaced. Pure values."""

from __future__ import annotations

from dataclasses import dataclass, replace

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_MIB = 1 << 20

FIGURE = "recycling"
"""The figure of a leaving worker that says why it is recycled."""

LONGEST = 120.0
"""Seconds that a turn may take: more than a drain (38 s), the pause before the next start (1 s)
and a start (60 s)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The limits of one worker; 0 turns one off."""

    requests: int = 0
    age: float = 0.0
    """Seconds since it was ready."""
    memory: int = 0
    """Resident bytes."""
    ceiling: int = 0
    """Resident bytes at which it is replaced even without an agent."""

    @property
    def exist(self) -> bool:
        """Whether any limit is set."""
        return bool(self.requests or self.age or self.memory)

    def raised(self, share: float) -> Limits:
        """Returns these limits with those of requests and age higher by a share, 0 to 1."""
        requests, age = round(self.requests * (1 + share)), self.age * (1 + share)
        return replace(self, requests=requests, age=age)

    def reached(self, requests: int, age: float, memory: int) -> str:
        """Returns the limit that these figures have reached, as the end of `recycled ...`; ""."""
        if self.memory and memory >= self.memory:
            return f"at {memory / _MIB:,.0f} MiB of memory"
        if self.requests and requests >= self.requests:
            return f"after {requests:,} requests"
        if self.age and age >= self.age:
            return f"after {_duration(age)}"
        return ""


def _duration(seconds: float) -> str:
    for length, name in _UNITS:
        if seconds >= length:
            return f"{seconds / length:.3g} {name}"
    return f"{seconds:.1g} s"
