import hashlib

from eggd import HttpError


def router(app):
    secret = app.config.bank.plain

    def digest(ctx):
        ctx.body = hashlib.sha256(secret.encode()).hexdigest()

    def spill(ctx):
        ctx.logger.warning("with %s and %r", secret, [secret])
        raise HttpError(400, f"not {secret}")

    def fail(ctx):
        raise ValueError(secret)

    app.router.get("/", digest)
    app.router.get("/spill", spill)
    app.router.get("/fail", fail)
