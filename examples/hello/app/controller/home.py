from eggd import Controller


class HomeController(Controller):
    async def index(self) -> None:
        self.ctx.body = "hi, egg"

    async def greet(self) -> dict[str, str]:
        return {"message": self.service.greeting.text(self.ctx.params["name"])}

    def echo(self) -> object:
        return self.ctx.request.body
