"""The stubs that `eggd types` writes: the classes of `eggd` with an application's own members.

    typings/eggd/__init__.pyi                     a copy of eggd's own stub
    typings/eggd/members.pyi                      what the application adds to each class
    typings/eggd/tree/UNIT/app_service_user.pyi   the declarations of one source file

source.py       the stub of one Python file
names.py        trees of names as classes
settings.py     the types of the config's keys
application.py  the files of an application, from the application loaded
boots.py        members that boot classes give their application
folder.py       the folder `typings/eggd`: writes it, compares it
keeping.py      keeps the folder current while `eggd dev` runs
"""
