"""The built-in plugins; `eggd/framework/config/plugin.py` is their table.

    access_log     logs each request; on in env local
    cluster_client shares a client of the agent with all workers
    cors           lets pages of other origins read responses
    development    reloads changed code in env local, and shows how long a start takes
    fleet          sends messages to the processes of other hosts
    i18n           texts in the language of the visitor
    jsonp          lets a page of another site load data as a script
    logrotator     renames the log files every night
    onerror        answers errors, in env local with a page for developers
    ratelimit      limits the requests of a client, a user or a route
    redis          clients of Redis and Valkey servers
    security       guards every request, and sets the header fields of every response
    static         serves the files of app/public
    view           renders pages from templates
    watcher        logs changes of the app's config files

Each is a folder laid out as a user's plugin: `app.py` and `agent.py` with a boot class,
`section.py` with its typed section of the config, whose defaults are the plugin's defaults, and
`app/`, `config/` as an app has them. They import only `eggd` and their own folder.
"""
