"""The plugins of this app, in addition to those of eggd: `eggd plugins` lists all.

redis = {"package": "eggd_redis"}      # installed with pip
money = {"path": "lib/money"}          # a folder of this app
"""
