"""The plugins of all apps, over eggd's; an app may switch one off.

redis = {"package": "eggd_redis"}
"""
