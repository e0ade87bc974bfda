"""Members that the plugin adds to every `ctx` of the app."""

import eggd


class Context(eggd.Context):
    """`ctx.greet("ada")`."""

    def greet(self, name: str) -> str:
        """Returns a greeting as the config says it."""
        return f"{self.app.config.template_name.greeting}, {name}"
