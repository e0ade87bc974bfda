"""The built-in plugins, in the order in which they are declared (core:PLG-19)."""

watcher = {"package": "eggd.plugins.watcher"}
logrotator = {"package": "eggd.plugins.logrotator"}
schedule = {"package": "eggd.plugins.schedule"}
cluster_client = {"package": "eggd.plugins.cluster_client"}
onerror = {"package": "eggd.plugins.onerror"}
session = {"package": "eggd.plugins.session"}
security = {"package": "eggd.plugins.security"}
jsonp = {"package": "eggd.plugins.jsonp"}
multipart = {"package": "eggd.plugins.multipart"}
static = {"package": "eggd.plugins.static"}
view = {"package": "eggd.plugins.view"}
i18n = {"package": "eggd.plugins.i18n"}
validate = {"package": "eggd.plugins.validate"}
access_log = {"package": "eggd.plugins.access_log", "enable": False}
cors = {"package": "eggd.plugins.cors", "enable": False}
redis = {"package": "eggd.plugins.redis", "enable": False}
fleet = {"package": "eggd.plugins.fleet", "enable": False}
ratelimit = {"package": "eggd.plugins.ratelimit", "enable": False}
