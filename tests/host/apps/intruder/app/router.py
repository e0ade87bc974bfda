def router(app):
    app.router.get("/", app.controller.home.pid)
    app.router.get("/attempt/:way/:target", app.controller.home.attempt)
