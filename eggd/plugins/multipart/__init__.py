"""Built-in plugin multipart: uploads, read as streams or saved to disk.

app.py              switches on that files are saved before handlers run
agent.py            removes files of killed workers, and old ones
app/extend          `ctx.multipart`, `ctx.save_request_files`, `ctx.request.files`, `app.uploads`
app/middleware      saves the files of a request before its handler runs
section.py          the section `multipart` of the config
limits.py           its limits
options.py          the options of one call
errors.py           the answers to refused uploads
reader.py           `Multipart`, the parts of one request
parts.py            a field, a file
single.py           the first file
source.py           from the body of a request to the events of its parts
framing.py          the parts in the bytes of a body
headers.py          the header fields of a part, read by python-multipart
library.py          python-multipart, which has two names
heading.py          the header fields of a part as text
parameters.py       parameters of header fields
boundary.py         the boundary in the Content-Type of a request
filename.py         names of files, checked
sniffing.py         media types by the first bytes
saving.py           saves and removes files, in threads
request_files.py    the saved files of one request
uploaded_file.py    a saved file
folder.py           the folder of saved files
cleaning.py         removes files of killed workers, and old ones
"""
