<<<<<<< HEAD
"""The application: how it is loaded, and the life of a request.

application.py  `Application`: the app in a worker
agent.py        `Agent`: the app in the agent process
base.py         `BaseApplication`: what both have in common, and the order of loading
host.py         `Host` and `Units`: what an app is made from
assemble.py     makes the app of a process: its load units, its class, the instance
single.py       `eggd.start`: agent and app in one process
timeline.py     the dump of a start's timing
config.py       the sections that app/ itself declares
loading/        from files to an app that can start
routing/        from method and path to a chain of handlers
context/        the objects of one request
serving/        from an exchange to its response
=======
"""Applications: from a folder to an app that answers requests.

    loading/   files, config and hooks become an app
    routing/   method and path become a route's chain
    context/   the objects of one request, and the base classes of an app's own
    serving/   an exchange goes through the chain, and is answered

assemble.py     from a process to its app: frameworks, plugins, units, the composed class
base.py         `BaseApplication`: what application and agent have in common
application.py  `Application`: what a worker serves
agent.py        `Agent`: the app in the agent
config.py       the sections of the config that eggd itself declares
single.py       `start()`: agent and app in one process
timeline.py     the dump of a start's timing
>>>>>>> c2d4813 (app, tests: map the app, write remaining texts in plain English)
"""
