"""The objects that live as long as one request, and the base classes of an app's own code.

interfaces.py          `AppLike`: an application as these objects see it
request.py             `Request`: a received request
forwarding.py          the reports of trusted proxies in a request's header fields
answer.py              `Answer`: status, header fields and body of a response
response.py            `Response`: an `Answer` with the members that an app uses
response_delegates.py  the members of ctx that belong to its response
request_delegates.py   the members of ctx that belong to its request
route_delegates.py     the members of ctx that describe the matched route
log_delegates.py       the members of ctx that its log lines are made of
onerror.py             the default answer to a failed request
keyring.py             the secrets that sign and encrypt cookies
cookie_options.py      the options of a cookie and their defaults
cookie_hints.py        the errors of an app that uses `ctx.cookies` as a dict
cookies.py             `Cookies`: reads and sets cookies
context.py             `Context`: a request, its response and its route
base_context.py        `Controller` and `Service`
helper.py              `Helper`: functions for views and controllers
background.py          tasks that outlive their request
emitter.py             the application's events
anonymous.py           contexts without a client
"""
