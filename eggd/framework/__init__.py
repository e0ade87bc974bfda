<<<<<<< HEAD
"""Eggd's own load unit, the base of every framework chain; see `config/plugin.py`."""
=======
"""The built-in own load unit, the base of every framework chain; see `config/plugin.py`."""
>>>>>>> c2d4813 (app, tests: map the app, write remaining texts in plain English)
