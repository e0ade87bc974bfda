"""The boot class of the agent."""

from collections.abc import Iterable
from pathlib import Path

from eggd import (
    Agent,
    AnonymousRequest,
    Boot,
    ClusterMessenger,
    HostSender,
    Messenger,
    Outage,
    ReloadPolicy,
    RetryPauses,
    Timer,
    Timers,
    TooLongError,
    call_export,
    file_type,
    find_export,
    https_caution,
    in_thread,
    limited,
    misspelt,
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
        self.app.warnings.append(https_caution(self.config, "no token is sent", "remove it"))
        self.app.run_in_background(lambda: print(found), "sources")
        if self.app.host.reload is not None:
            self.app.host.reload("a file was saved")

    def will_ready(self) -> None:
        self.tell(self.app.messenger)
        ctx = self.app.create_anonymous_context(AnonymousRequest(url="/agent"))
        ctx.logger.info("%s %s", ctx.url, self.app.logrotator)

    async def check(self) -> None:
        bank = Outage("the bank", lambda: self.app.core_logger, effect="orders wait")
        self.app.dependencies.add("bank", lambda: bank.problem)
        try:
            await self.app.curl("https://bank.example")
        except OSError as exc:
            began: bool = bank.failure(exc)
            print(began, bank.is_on)
            pauses = RetryPauses(0.5, 10)
            self.app.timers.after(pauses.failure(), pauses.success)
        else:
            bank.success()

    async def count(self) -> object:
        self.app.dependencies.add("redis", lambda: self.app.redis.problem("main"))
        return await self.app.redis.get("main").get("count")

    async def use_cluster(self) -> list[str]:
        return await self.tell_all(self.app.messenger.cluster)

    def tell(self, messenger: Messenger) -> None:
        messenger.send_to_app("news", [1, 2]).send_random("one").broadcast("all")
        messenger.send("two", None, "agent").send_to(1, "three")

    async def tell_all(self, cluster: ClusterMessenger) -> list[str]:
        cluster.on("sold", self.sold).on_request("price", lambda data: 3)
        cluster.broadcast("sold", {"sku": "tea"}, at="least_once").send("b", "sold", to="agent")
        price: int = await cluster.request("price", "tea", host="b", to="app", timeout=2)
        print(price)
        return await cluster.hosts()

    def sold(self, data: dict[str, str], sender: HostSender) -> None:
        print(data["sku"], sender.host, sender.role, sender.slot)

    def remind(self, timers: Timers, file: Path) -> Timer:
        job: object = call_export(find_export(file, "app"), file, self.app)
        return timers.after(seconds("5s"), lambda: print(job, file_type(file.name)))

    async def read(self, file: Path) -> bytes:
        return await in_thread(file.read_bytes)

    def hint(self, name: str, known: Iterable[str]) -> str:
        return suggestion(name, known) or suggestion_or_list(name, known)

    def nearest(self, name: str, known: Iterable[str]) -> str:
        try:
            return limited(lambda: misspelt(name, known), 0.5)
        except TooLongError:
            return ""
