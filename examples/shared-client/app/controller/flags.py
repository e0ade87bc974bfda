from eggd import Controller, HttpError


class FlagsController(Controller):
    async def show(self) -> None:
        self.ctx.body = self.app.flags.get(self.ctx.params["name"], "unknown")

    async def change(self) -> None:
        value = str(self.ctx.request.body.get("value", ""))
        try:
            await self.app.flags_client.set(self.ctx.params["name"], value)
        except ValueError as exc:  # raised in the agent
            raise HttpError(422, str(exc)) from exc
        self.ctx.status = 204
