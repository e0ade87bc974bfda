"""A service, and another class that lives as long as a context."""

from eggd import Application, BaseContextClass, Context, Helper, HttpError, Service, start
from tests.typing.sample.section import SampleConfig


class Cart(BaseContextClass):
    """Made by a service itself."""

    def size(self) -> int:
        return len(self.ctx.state)


class UserService(Service):
    """`ctx.service.user`."""

    async def find(self, number: int) -> dict[str, object]:
        if number < 0:
            raise HttpError(404, "no such user")
        limit: int = self.config[SampleConfig].limit
        self.logger.info("%d of %d", number, limit)
        self.app.messenger.send_to_agent("found", number)
        return {"id": number, "cart": Cart(self.ctx).size(), "url": url(self.ctx.helper)}

    def of(self, app: Application, ctx: Context) -> str:
        return app.url("user") + ctx.path


def url(helper: Helper) -> str:
    path: str = helper.url_for("user", {"id": 1})
    return path


async def script(folder: str) -> None:
    """Uses the application in one process."""
    app = await start(folder, env="unittest")
    service = UserService(app.create_anonymous_context())
    print(await service.find(1), app.agent.name, service.of(app, service.ctx))
    token: str = app.sign_token({"user": 1}, purpose="reset", max_age="2h")
    print(app.read_token(token, purpose="reset"))
    await app.close()
