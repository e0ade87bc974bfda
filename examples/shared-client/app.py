from lib.flags import FlagsClient

from eggd import Boot


class AppBoot(Boot):
    async def did_load(self) -> None:
        self.app.flags = {}
        self.app.flags_client = self.app.cluster(FlagsClient).create(self.config.flags["redis"])
        await self.app.flags_client.ready()
        for name in self.config.flags["watch"]:
            await self.app.flags_client.subscribe(
                name, lambda value, name=name: self.set(name, value)
            )

    def set(self, name: str, value: str) -> None:
        self.app.flags[name] = value
        self.logger.warning("%s is %s", name, value)
