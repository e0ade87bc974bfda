"""`ctx.service.visits`."""

from eggd import Service


class VisitsService(Service):
    """The count as a sentence."""

    def sentence(self) -> str:
        count = self.ctx.visits
        return "you are the first" if count == 1 else f"you are number {count}"
