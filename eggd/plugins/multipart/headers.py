"""The header fields of a part, read by python-multipart (RFC 7578 section 4)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from eggd.plugins.multipart.errors import malformed, quoted
from eggd.plugins.multipart.library import Callbacks, load

_line = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}:[^\x00\r\n]*").fullmatch
_meaningful = re.compile(rb"content-(?:disposition|type|transfer-encoding):", re.IGNORECASE).match
"""Matches the lines of fields with a meaning in a form; others are checked and dropped."""


class HeaderReader:
    """Reads the header lines of the parts of one body."""

    def __init__(self, boundary: bytes) -> None:
        """Raises ConfigError without python-multipart."""
        new_parser, self._broken = load()
        self._parser = new_parser(boundary, self._callbacks())
        self._delimiter = b"--" + boundary
        self._name = b""
        self._value = b""
        self._fields: dict[str, bytes] = {}

    def read(self, lines: bytes) -> Mapping[str, bytes]:
        """Returns the fields with a meaning, by names in lower case.

        Raises UploadError for a malformed line, and for such a field that occurs twice.
        """
        self._fields = {}
        self._write(b"%b\r\n%b\r\n" % (self._delimiter, _checked(lines)))
        return self._fields

    def close(self) -> None:
        """Ends the body."""
        if self._delimiter.startswith(b"\r\n"):  # the parser has seen a part
            self._write(self._delimiter + b"--")

    def _write(self, data: bytes) -> None:
        try:
            self._parser.write(data)
        except self._broken as exc:
            raise malformed(str(exc)) from exc
        if not self._delimiter.startswith(b"\r\n"):
            self._delimiter = b"\r\n" + self._delimiter

    def _callbacks(self) -> Callbacks:
        def on_name(data: bytes, start: int, end: int) -> None:
            self._name += data[start:end]

        def on_value(data: bytes, start: int, end: int) -> None:
            self._value += data[start:end]

        def on_end() -> None:
            name, value = self._name.decode("ascii").lower(), self._value.strip(b" \t")
            self._name = self._value = b""
            if name in self._fields:
                raise malformed(f"repeated header field {name} of a part")
            self._fields[name] = value

        return {"on_header_field": on_name, "on_header_value": on_value, "on_header_end": on_end}


def _checked(lines: bytes) -> bytes:
    """Returns the lines that the parser gets; raises UploadError for a malformed one.

    The parser does not check values, and version 0.0.5 refuses names with a digit, as they are in
    fields without a meaning.
    """
    kept = list[bytes]()
    for line in lines.split(b"\r\n") if lines else ():
        if _line(line) is None:
            raise malformed(f"header line of a part: {quoted(line)}")
        if _meaningful(line):
            kept.append(line + b"\r\n")
    return b"".join(kept)
