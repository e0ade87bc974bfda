from eggd import Application


def router(app: Application) -> None:
    app.router.get("/flags/:name", app.controller.flags.show)
    app.router.put("/flags/:name", app.controller.flags.change)
