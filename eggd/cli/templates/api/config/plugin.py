"""The plugins of this app, in addition to those of eggd: `eggd plugins` lists all.

redis = True                          # clients of Redis and Valkey servers
money = {"path": "lib/money"}          # a folder of this app
"""
