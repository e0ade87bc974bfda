"""The shared clients of a worker, and the messages of the agent."""

from __future__ import annotations

from collections.abc import Callable

from eggd import Application, EggError, Sender, suggestion_or_list
from eggd.plugins.cluster_client.follower import Follower
from eggd.plugins.cluster_client.methods import Methods
from eggd.plugins.cluster_client.options import Options
from eggd.plugins.cluster_client.protocol import TO_FOLLOWER


class Followers:
    """All followers by name."""

    def __init__(self, app: Application) -> None:
        self._app = app
        self._followers: dict[str, Follower] = {}
        # Set by `start`: leaders are asked for from then on.
        self._is_started = False

    def open(self, options: Options, methods: Methods, make: Callable[[], object]) -> Follower:
        """Returns a new follower. Raises EggError if there is one of this name."""
        if options.name in self._followers:
            raise EggError(
                f"app.cluster({methods.title}): this worker has a client {options.name!r}",
                hint="keep the one that create() returned, or set the option name",
            )
        follower = Follower(self._app, options, methods, self._forget)
        self._followers[options.name] = follower
        self._app.before_close(follower.close)
        if self._is_started:
            follower.join()
        return follower

    def start(self) -> None:
        """Takes messages of the agent, and asks for the leaders."""
        self._is_started = True
        self._app.messenger.on(TO_FOLLOWER, self._receive).on("egg-pids", self._pids_changed)
        for follower in list(self._followers.values()):
            follower.join()

    def _forget(self, name: str) -> None:
        self._followers.pop(name, None)

    def _pids_changed(self, pids: object) -> None:
        if pids == []:  # the agent has ended
            for follower in list(self._followers.values()):
                follower.lost()

    def _receive(self, data: object, sender: Sender) -> None:
        """Handles a message of a leader; malformed ones are ignored."""
        if not isinstance(data, dict) or sender.role != "agent":
            return
        follower, kind = self._followers.get(str(data.get("client"))), data.get("type")
        if follower is None:
            return
        if kind == "value":
            follower.put(str(data.get("key")), str(data.get("value")))
        elif kind == "state":
            error = data.get("error")
            follower.settle(str(data.get("term")), error if isinstance(error, dict) else None)
        elif kind == "refused":
            follower.failed(data.get("error"))
        elif kind == "done":
            follower.done(data.get("number"), data.get("error"), is_busy=bool(data.get("busy")))
        elif kind == "starting":
            follower.starting()
        elif kind == "closed":
            follower.lost()
        elif kind == "missing":
            follower.missing(_similar(str(data["client"]), data.get("known")))


def _similar(name: str, known: object) -> str:
    names = [str(each) for each in known] if isinstance(known, list) else []
    return f"; {suggestion_or_list(name, names, 'its clients')}" if names else ""
