"""Built-in plugin jsonp: a page of another site loads data as a script.

section.py     the section `jsonp` of the config
referers.py    the pages that may load data
callback.py    the name of the function that gets the data
middleware.py  the middleware of a route
app/extend     `app.jsonp`, `ctx.accept_jsonp`, `ctx.create_jsonp_body`
"""
