"""`eggd deploy --hosts`: from the options to the report and the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eggd.cli.fleet import report
from eggd.cli.fleet.parcel import packed
from eggd.cli.fleet.roll import DEPLOYED, Roll
from eggd.cli.fleet.targets import Target, targets
from eggd.cli.options import ReleaseOptions
from eggd.cli.output import warn
from eggd.cli.progress import waiting
from eggd.cli.rollout import say
from eggd.errors import ReleaseError


class UnchangedError(ReleaseError):
    """Raised when a host cannot be deployed to, before anything was changed on any host."""

    exit_code = 3


def deploy_to_hosts(
    source: Path, hosts: str, flags: ReleaseOptions, words: Sequence[str], *, as_json: bool
) -> None:
    """Deploys a directory or an archive to hosts in order, and prints what runs where.

    `words` are the options of `eggd deploy` on each host. Raises UnchangedError if a host cannot be
    reached or refuses, ReleaseError if one fails.
    """
    chosen = targets(hosts)
    with packed(source, flags) as parcel:
        roll = Roll(chosen, say)
        try:
            _survey(roll, chosen)
            if not roll.run(parcel, words):
                raise _stopped(roll)
        except KeyboardInterrupt:
            warn(f"interrupted; {report.running(roll.entries)}")
            raise
        finally:
            report.show(roll.entries, as_json=as_json)


def _survey(roll: Roll, chosen: Sequence[Target]) -> None:
    number = f"{len(chosen)} hosts" if len(chosen) > 1 else "1 host"
    can_begin = waiting(roll.survey, lambda: f"asking {number}")
    if can_begin:
        say(f"reachable: {number}")
        return
    obstacles = [entry for entry in roll.entries if entry.is_obstacle]
    first = obstacles[0]
    others = f", and {len(obstacles) - 1} more" if len(obstacles) > 1 else ""
    raise UnchangedError(
        f"{first.target.text} is {first.outcome}: {first.error}{others}", hint="nothing has changed"
    )


def _stopped(roll: Roll) -> ReleaseError:
    failed = next(entry for entry in roll.entries if entry.error)
    is_mixed = any(entry.outcome == DEPLOYED for entry in roll.entries)
    return ReleaseError(
        f"{failed.target.text} {failed.outcome}: {failed.error}; {report.running(roll.entries)}",
        hint="run 'eggd rollback' there, or deploy a better release to all" if is_mixed else "",
    )
