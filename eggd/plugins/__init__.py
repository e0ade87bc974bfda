"""plugins: the built-in ones; `eggd/framework/config/plugin.py` is their table.

Each is a folder laid out as a user's plugin: `app.py` and `agent.py` with a boot class,
`section.py` with its typed section of the config, whose defaults are the plugin's defaults, and
`app/`, `config/` as an app has them. They import only the door `eggd` and their own folder.
"""
