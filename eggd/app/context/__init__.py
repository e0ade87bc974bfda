"""The objects that live as long as one request, and the base classes of an app's own.

interfaces.py    `AppLike`: the application as these objects see it
request.py       `Request`: what came in
response.py      `Response`: what goes out
routed.py        the matched route
delegates.py     members of the request that `ctx` repeats
onerror.py       what a client sees of a failed request
context.py       `Context`
base_context.py  `Controller` and `Service`
helper.py        `Helper`
background.py    tasks that outlive their request
emitter.py       the application's events
anonymous.py     contexts without a client
"""
