"""Makes text safe for a place: HTML, a script, a path, a shell. Each takes linear time.

escape.py      for the text and the attributes of HTML
surl.py        for a link
sjs.py         for a string in a script
sjson.py       for data in a script
spath.py       for a path below a folder
shell.py       for a command line
shtml.py       for HTML that a visitor wrote
plain.py       values that need no check
html_names.py  the elements and attributes that `shtml` keeps
"""
