"""The releases of one application on its host: made from a folder or an archive, and switched.

    /srv/eggd/default/releases/20261129-131500       a release, owned by root
    /srv/eggd/default/releases/20261129-131500.json  its record; a release without one is incomplete
    /srv/eggd/default/current -> releases/...        EGG_BASE_DIR of the application
    /srv/eggd/default/previous -> releases/...       the release before it
    /srv/eggd/default/switch.json                    while a new release is not known to be healthy

places.py        these paths
entries.py       the files of a release, checked before they are written
folder.py        those of a folder
archive.py       those of a tar or zip archive
inbound.py       an archive on standard input
unpack.py        writes them
owner.py         gives a tree to root, and removes it
dependencies.py  the requirements of a release, installed in its .venv
child.py         runs the installation as the service user
record.py        the records
build.py         makes a release of all that
base_dir.py      EGG_BASE_DIR in the file of settings
switch.py        puts a release in the place of another, and back
trial.py         starts a release in the spare, which serves no client then
health.py        asks a URL of the application
"""
