"""Built-in plugin ratelimit: limits the requests of a client, a user or a route.

app.py              makes the store and the limits of the config
app/middleware      applies the limits of the config to every request
app/extend          `app.rate_limit`: the middleware of a route
section.py          the section `ratelimit` of the config
gcra.py             the algorithm
limiter.py          one limit: counts a request, sends the fields, refuses
client_key.py       the key under which a request counts
stores.py           the interface of the stores
opening.py          from the config to the store that it names
table.py            the store of one host: a file that its workers share
redis_store.py      the store of several hosts: a script in Redis
"""
