from eggd import Application


def router(app: Application) -> None:
    app.router.get("home", "/", app.controller.guestbook.index)
    app.router.post("/", app.controller.guestbook.sign)
    app.router.get("picture", "/pictures/:id(\\d{1,15})", app.controller.guestbook.picture)
    app.router.all("/*", lambda ctx: ctx.throw(404))  # so that the error page answers
