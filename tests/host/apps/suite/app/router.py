def router(app):
    app.router.get("/", app.controller.home.pid)
    app.router.get("/hang", app.controller.home.hang)
    app.router.get("/slow", app.controller.home.slow)
    app.router.get("/count", app.controller.home.count)
    app.router.get("/write", app.controller.home.write)
    app.router.get("/enough", app.controller.home.enough)
    app.router.get("/rotate", app.controller.home.rotate)
