"""Built-in plugin view: pages from templates, by Jinja2 or another engine.

app.py          makes the view from the config, loads the engine before the first request
app/extend      `app.view`, `ctx.render` and its relatives
section.py      the section `view` of the config
view.py         `app.view`: the engines by name, and the templates they render
names.py        the file that a template's name leads to
interfaces.py   the methods that an engine has
errors.py       wrong templates, names and engines
jinja.py        the built-in engine
jinja_env.py    its environment: escaping, the loader, attributes
jinja_code.py   the code that it makes of templates
sandboxed.py    the variables of templates that others write
csrf.py         tokens of the plugin security in forms and scripts
filters.py      the functions of `app/extend/filter.py`
slices.py       output in short turns of the event loop
"""
