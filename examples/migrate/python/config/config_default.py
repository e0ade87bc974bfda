import os

keys = os.environ["SHOP_KEYS"]
session = {"key": "SHOP_SESS", "max_age": "7d", "same_site": "lax", "encrypt": True}
proxy = True
# The session's cookie is SameSite=Lax, so forms of other sites do not have it.
security = {"csrf": {"enable": False}}
