"""The application: how it is loaded, and the life of a request.

application.py  `Application`: the app in a worker
agent.py        `Agent`: the app in the agent process
loaded_files.py files that changed since the agent loaded them
timers.py       calls functions of the agent at their time
base.py         `BaseApplication`: what both have in common, and the order of loading
anonymous_contexts.py  code of both that runs outside of requests
http_clients.py `curl` and `httpclient` of both
signed_tokens.py  `sign_token` and `read_token` of both
assemble.py     makes the app of a process: its load units, its class, the instance
single.py       `eggd.start`: agent and app in one process
timeline.py     the dump of a start's timing
config.py       the sections that app/ itself declares
cluster_config.py  the section `cluster`
https_caution.py  warns of values that need HTTPS
dependencies.py  reports whether the servers that the app needs work
loading/        from files to an app that can start
routing/        from method and path to a chain of handlers
context/        the objects of one request
serving/        from an exchange to its response
"""
