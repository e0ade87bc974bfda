"""The boot hooks of the plugin in each worker."""

from eggd import Boot


class PluginBoot(Boot):
    """`did_load` is the place to connect to things, `before_close` to let go of them."""

    async def did_load(self) -> None:
        """Says that it is there."""
        self.logger.info("greetings begin with %s", self.config.template_name.greeting)
