"""The report about an error for developers; loaded in env local and unittest alone.

model.py       `Report` and its parts: plain text, so that a renderer cannot fail on a value
limits.py      limits of time for code of the app, such as a `__repr__`
values.py      values as text: bounded, secrets masked
coloring.py    colors of Python source
source.py      lines of source files
frames.py      the frames of a traceback
chain.py       an exception with its causes and groups
request.py     the request, and the command of curl that repeats it
steps.py       the functions of the route's chain, the failing one marked
settings.py    the keys of the config that the failing functions read
collecting.py  makes the `Report` of an error
page.py        the report as a page, parts.py its parts, page.css its style
text.py        the report as text
data.py        the report as JSON
answering.py   sets the answer of one kind
"""
