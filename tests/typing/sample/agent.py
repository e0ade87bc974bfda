"""The boot class of the agent."""

from eggd import Agent, AnonymousRequest, Boot, Messenger, ReloadPolicy, sources


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
