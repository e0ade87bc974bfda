"""The handlers of the benchmark as an eggd app."""

from eggd import Controller

HELLO = "hello, egg"


def team():
    """Returns the object of /json, built anew for each request."""
    return {
        "size": 10,
        "members": [{"id": n, "name": f"member {n}", "active": True} for n in range(10)],
    }


def account(user, verbose):
    """Returns the object of /api/users/:id, built anew for each request."""
    return {
        "id": user,
        "verbose": verbose == "1",
        "items": [{"id": n, "label": f"item {n} of {user}"} for n in range(10)],
    }


ROWS = [
    {"id": n, "name": f"member <{n}>", "email": f"member{n}@egg.example", "price": f"{n}.50"}
    for n in range(100)
]


class BenchController(Controller):
    """One action for each route."""

    async def hello(self):
        """Answers a short text."""
        self.ctx.body = HELLO

    async def logged(self):
        """Answers the same, and logs one line."""
        self.ctx.logger.info("hello %s", "egg")
        self.ctx.body = HELLO

    async def json(self):
        """Answers an object with ten objects in it."""
        self.ctx.body = team()

    async def users(self):
        """Answers an object that depends on a parameter and on the query."""
        ctx = self.ctx
        ctx.body = account(ctx.params["id"], ctx.query.get("verbose"))

    async def table(self):
        """Answers a page with a table of 100 rows."""
        await self.ctx.render("table.html", {"rows": ROWS})

    async def session(self):
        """Answers a text with a value of the session."""
        self.ctx.body = f"hello, {self.ctx.session['user']}"

    async def echo(self):
        """Answers the JSON that came."""
        self.ctx.body = self.ctx.request.body
