"""Watches files and directories of any number by one inotify instance, on one thread.

    watching = Watching(changed, problem)
    watching.watch(["/srv/shop/rates"])       a file, a directory with all below it, or missing yet
    changed([FileChange("/srv/shop/rates/eur.json", "modified", ...)])    called on the thread

An event of the kernel only marks an entry. After a moment without events the marked entries are
compared with a snapshot, and the differences are the changes: so a save by rename is one change,
temporary files cause no change, and after a lost event a comparison of everything finds the same
changes.

Watchdog's own observers open an inotify instance and start two threads per watched path, and ignore
a queue that overflows (2.2 as well as 6.0), so only its binding to the kernel is used.

change.py       `FileChange`
kernel.py       inotify(7), and the sysctl that an error is about
chain.py        the lookups that lead to a file: directories and links
folder.py       a directory and its entries at the last comparison
table.py        the kernel's watches, and the entries that each one is for
mounts.py       file systems without events
problems.py     reports what cannot be watched, once
trees.py        compares the watched paths with the file system
watching.py     `Watching`: the thread

Nothing is imported here: a worker needs `FileChange` only, and watchdog takes half a megabyte.
"""
