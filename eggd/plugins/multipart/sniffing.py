"""Media types by the first bytes of a file.

A table of what web applications accept, after the WHATWG's MIME Sniffing standard. libmagic
(python3-magic) knows thousands of types more, but it is a parser in C without memory safety, reads
more than the first bytes, takes 2 MiB and some ms at its load, and answers differently in Debian 12
and 13.
"""

from __future__ import annotations

PREFIX = 512
"""Bytes that are examined."""

_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"BM", "image/bmp"),
    (0, b"II*\x00", "image/tiff"),
    (0, b"MM\x00*", "image/tiff"),
    (0, b"\x00\x00\x01\x00", "image/x-icon"),
    (0, b"8BPS", "image/vnd.adobe.photoshop"),
    (0, b"\xff\x0a", "image/jxl"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"%!PS-", "application/postscript"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"PK\x05\x06", "application/zip"),
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"BZh", "application/x-bzip2"),
    (0, b"\xfd7zXZ\x00", "application/x-xz"),
    (0, b"(\xb5/\xfd", "application/zstd"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"Rar!\x1a\x07", "application/vnd.rar"),
    (257, b"ustar", "application/x-tar"),
    (0, b"\x7fELF", "application/x-elf"),
    (0, b"MZ", "application/vnd.microsoft.portable-executable"),
    (0, b"#!", "text/x-script"),
    (0, b"SQLite format 3\x00", "application/vnd.sqlite3"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS\x00", "application/ogg"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
    (0, b"wOFF", "font/woff"),
    (0, b"wOF2", "font/woff2"),
)
"""Offset, signature, media type; the first that fits decides."""
_RIFF = {b"WEBP": "image/webp", b"WAVE": "audio/wave", b"AVI ": "video/x-msvideo"}
_BRANDS = {b"avif": "image/avif", b"heic": "image/heic", b"qt  ": "video/quicktime"}
_MARKUP = (
    (b"<!doctype html", "text/html"),
    (b"<html", "text/html"),
    (b"<script", "text/html"),
    (b"<head", "text/html"),
    (b"<body", "text/html"),
    (b"<iframe", "text/html"),
    (b"<svg", "image/svg+xml"),
)


def media_type_of(prefix: bytes) -> str:
    """Returns the media type of a file that begins with `prefix`, "" if it is unknown."""
    for offset, signature, kind in _SIGNATURES:
        if prefix.startswith(signature, offset):
            return kind
    if prefix[:4] == b"RIFF":
        return _RIFF.get(prefix[8:12], "")
    if prefix[4:8] == b"ftyp":
        return _BRANDS.get(prefix[8:12], "video/mp4")
    return _markup(prefix)


def _markup(prefix: bytes) -> str:
    text = prefix.removeprefix(b"\xef\xbb\xbf").lstrip(b"\t\n\x0c\r ").lower()
    for start, kind in _MARKUP:
        if text.startswith(start):
            return kind
    if text.startswith(b"<?xml"):
        return "image/svg+xml" if b"<svg" in text else "text/xml"
    return ""
