def router(app):
    for name in ("write", "home", "family", "syscall", "memory"):
        app.router.get(f"/{name}", getattr(app.controller.home, name))
