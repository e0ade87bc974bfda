from lib.flags import FlagsClient

from eggd import Agent, Boot


class AgentBoot(Boot[Agent]):
    async def did_load(self) -> None:
        flags = self.app.cluster(FlagsClient).create(self.config.flags["redis"])
        await flags.ready()
