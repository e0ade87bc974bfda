"""`ctx.service.contact`."""

from eggd import Service


class ContactService(Service):
    """The team to ask."""

    def sentence(self) -> str:
        return f"{self.app.name} is of team {self.app.config.acme.team}"
