"""The boot class of the agent."""

from collections.abc import Iterable
from pathlib import Path

from eggd import (
    Agent,
    AnonymousRequest,
    Boot,
    Messenger,
    ReloadPolicy,
    Timer,
    Timers,
    call_export,
    file_type,
    find_export,
    seconds,
    sources,
    suggestion,
    suggestion_or_list,
)


class AgentBoot(Boot[Agent]):
    """Uses what an agent alone has."""

    async def did_load(self) -> None:
        policy = ReloadPolicy.of(str(self.app.base_dir))
        found = sources(str(self.app.base_dir), policy.watched)
        self.app.messenger.on_members(lambda members: print(len(members)))
        self.app.run_in_background(lambda: print(found), "sources")
        if self.app.host.reload is not None:
            self.app.host.reload("a file was saved")

    def will_ready(self) -> None:
        self.tell(self.app.messenger)
        ctx = self.app.create_anonymous_context(AnonymousRequest(url="/agent"))
        ctx.logger.info("%s %s", ctx.url, self.app.logrotator)

    def tell(self, messenger: Messenger) -> None:
        messenger.send_to_app("news", [1, 2]).send_random("one").broadcast("all")
        messenger.send("two", None, "agent").send_to(1, "three")

    def remind(self, timers: Timers, file: Path) -> Timer:
        job: object = call_export(find_export(file, "app"), file, self.app)
        return timers.after(seconds("5s"), lambda: print(job, file_type(file.name)))

    def hint(self, name: str, known: Iterable[str]) -> str:
        return suggestion(name, known) or suggestion_or_list(name, known)
