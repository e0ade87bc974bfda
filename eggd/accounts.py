"""The names of users and groups, for messages."""

from __future__ import annotations

import grp
import pwd


def user_name(uid: int) -> str:
    """Returns the name of a user; the number of one without a name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def group_name(gid: int) -> str:
    """Returns the name of a group; the number of one without a name."""
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
