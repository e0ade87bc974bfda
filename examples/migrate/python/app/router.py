from eggd import Application, Context


async def home(ctx: Context) -> object:
    return {"by": "eggd", "user": ctx.session.get("user")}


async def login(ctx: Context) -> object:
    ctx.session.regenerate()
    ctx.session["user"] = ctx.request.body["name"]
    return {"by": "eggd", "user": ctx.session["user"]}


async def add(ctx: Context) -> object:
    ctx.session["cart"] = [*ctx.session.get("cart", []), ctx.request.body["item"]]
    return {"by": "eggd", "cart": ctx.session["cart"]}


async def logout(ctx: Context) -> object:
    ctx.session = None
    return {"by": "eggd"}


def router(app: Application) -> None:
    app.get("/", home)
    app.post("/login", login)
    app.post("/cart", add)
    app.post("/logout", logout)
