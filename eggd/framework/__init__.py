"""Eggd's own load unit, the base of every framework chain; see `config/plugin.py`."""
