"""The plugins of this app, over those that eggd has on: `eggd plugins` lists them.

redis = {"package": "eggd_redis"}      # installed with pip
money = {"path": "lib/money"}          # a folder of this app
"""
