"""The built-in plugins, in the order in which they are declared (core:PLG-19)."""

watcher = {"package": "eggd.plugins.watcher"}
logrotator = {"package": "eggd.plugins.logrotator"}
schedule = {"package": "eggd.plugins.schedule"}
onerror = {"package": "eggd.plugins.onerror"}
session = {"package": "eggd.plugins.session"}
security = {"package": "eggd.plugins.security"}
jsonp = {"package": "eggd.plugins.jsonp"}
multipart = {"package": "eggd.plugins.multipart"}
static = {"package": "eggd.plugins.static"}
view = {"package": "eggd.plugins.view"}
i18n = {"package": "eggd.plugins.i18n"}
validate = {"package": "eggd.plugins.validate"}
cors = {"package": "eggd.plugins.cors", "enable": False}
