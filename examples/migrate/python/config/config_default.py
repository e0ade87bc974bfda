import os

keys = os.environ["SHOP_KEYS"]
session = {"key": "SHOP_SESS", "max_age": "7d", "same_site": "lax", "encrypt": True}
proxy = True
