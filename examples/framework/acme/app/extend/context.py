"""Members of every `ctx` at Acme."""

import uuid

import eggd


class Context(eggd.Context):
    """`ctx.request_id`."""

    @property
    def request_id(self) -> str:
        """The id that the caller gave, else a new one; the same for the whole request."""
        if "request_id" not in self.state:
            given = self.get(self.app.config.acme.request_id_header)
            self.state["request_id"] = given or uuid.uuid4().hex
        known: str = self.state["request_id"]
        return known
