"""The plugins of all apps, over eggd's; an app may switch one off.

redis = True      # clients of Redis and Valkey servers
"""
