"""From files to an app that can start: config, classes, hooks.

host.py             `Host` and `Units`: what an app is made from
configure.py        the config of all load units, its sections checked
root_keys.py        the keys at the root of the config
proxy_rules.py      rules about the keys for proxies, in several sections
context_classes.py  the classes of contexts with the app's extensions
lifecycle.py        the hooks of boot classes, in order
hook_error.py       the error of a failed hook, with its place
hook_shape.py       checks the signatures of hooks
controllers.py      `app.controller`
services.py         `ctx.service`
custom_loader.py    `config.custom_loader`
middleware.py       middleware files and their options
path_condition.py   the options `match` and `ignore` of everything that has them
singleton.py        `app.add_singleton`
timing.py           the named spans of one start
collector.py        loads without garbage collections
dump.py             what a process loaded, as files
"""
