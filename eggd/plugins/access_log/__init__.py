"""Built-in plugin access_log: one line for each request, after its answer.

app.py      logs each answered request
section.py  the section `access_log` of the config
formats.py  the line of a request: common, combined or JSON
config/     the logger `access_logger`, whose file is access.log
"""
