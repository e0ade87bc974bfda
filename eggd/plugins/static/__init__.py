"""Built-in plugin static: files of the app's folder app/public at /public/ (core:ST-1..6).

app.py            checks the folders of the config, and serves them
app/extend        `ctx.helper.asset`, `app.assets`
section.py        the section `static` of the config
folders.py        the folders and prefixes of the section
handler.py        answers the requests of one prefix
names.py          from a raw path to the name of a file; names with a hash
store.py          the files of a prefix: in memory, else on disk
memory.py         keeps what was used last
roots.py          opens files of a folder, and of nothing else
stored_file.py    one file and its fields
accel.py          leaves large files to nginx
sending.py        a file, a compressed form or a part of it as response
codings.py        chooses the compressed form
cache_policy.py   Cache-Control
assets.py         URLs with a hash of the content
"""
