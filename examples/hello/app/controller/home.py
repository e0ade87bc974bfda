from eggd import Controller


class HomeController(Controller):
    async def index(self):
        self.ctx.body = "hi, egg"

    async def greet(self):
        return {"message": self.service.greeting.text(self.ctx.params["name"])}

    def echo(self):
        return self.ctx.request.body
