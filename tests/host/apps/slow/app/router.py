def router(app):
    app.router.get("/", app.controller.home.index)
