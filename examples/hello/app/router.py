from eggd import Application


def router(app: Application) -> None:
    app.router.get("/", app.controller.home.index)
    app.router.get("greet", "/greet/:name", app.controller.home.greet)
    app.router.post("/echo", app.controller.home.echo)
