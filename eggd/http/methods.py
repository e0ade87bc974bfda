"""The names of methods: the usual ones, and those that are served without a route."""

from __future__ import annotations

_IANA = """
    ACL BASELINE-CONTROL BIND CHECKIN CHECKOUT COPY DELETE GET HEAD LABEL LINK LOCK MERGE MKACTIVITY
    MKCALENDAR MKCOL MKREDIRECTREF MKWORKSPACE MOVE OPTIONS ORDERPATCH PATCH POST PROPFIND PROPPATCH
    PUT QUERY REBIND REPORT SEARCH TRACE UNBIND UNCHECKOUT UNLINK UNLOCK UPDATE UPDATEREDIRECTREF
    VERSION-CONTROL
"""
_NODE = "M-SEARCH NOTIFY PURGE SOURCE SUBSCRIBE UNSUBSCRIBE"

DECODED = {
    name.encode(): name for name in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
}
"""The usual methods by their bytes: a lookup is cheaper than decoding."""

METHODS = frozenset(_IANA.split()) | frozenset(_NODE.split())
"""The registered methods (RFC 9110 section 16.1.1) except CONNECT and PRI, which are not requests
to an application, and the others of Node's `http.METHODS`, which an app of Egg can serve."""
