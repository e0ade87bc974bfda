"""Built-in plugin cors: pages of other origins may read responses (the Fetch standard's CORS).

app.py              makes the policy from the config, and adds it as a guard
app/middleware      answers preflight requests
section.py          the section `cors` of the config
origins.py          the origins that are allowed
policy.py           the header fields of a response
"""
