"""The section `multipart`: each mistake is an error at the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.errors import ConfigError
from tests.app.serving import served


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ("'mode': 'foo'", "multipart.mode must be 'stream' or 'file', not 'foo'"),
        ("'mode': 'file', 'file_mode_match': '/a'", "file_mode_match only works in mode 'stream'"),
        ("'file_mode_match': 7", "multipart.file_mode_match"),
        ("'file_sise': 7", "did you mean 'file_size'"),
        ("'file_size': 'big'", "multipart.file_size must be 0 or more bytes"),
        ("'fields': -1", "multipart.fields must be 0 or more"),
        ("'default_charset': 'utf-99'", "multipart.default_charset: 'utf-99' is not a charset"),
        ("'default_charset': 'hex'", "multipart.default_charset: 'hex' is not a charset"),
        ("'clean_schedule': {'interval': 0}", "clean_schedule.interval must be 1 second or more"),
        ("'clean_schedule': {'cron': 'x'}", "unknown key"),
        ("'whitelist': 5", "multipart.whitelist"),
        ("'tmpdir': '/dev/null'", "multipart.tmpdir: /dev/null is not a folder"),
        ("'tmpdir': '/dev/null/a/b'", "multipart.tmpdir: /dev/null is not a folder"),
    ],
)
def test_a_wrong_value(tmp_path: Path, options: str, text: str) -> None:
    """One line, with the key (process:MP-2)."""
    files = {"config/config_default.py": f"multipart = {{{options}}}\n"}
    with pytest.raises(ConfigError) as caught, served(tmp_path, files):
        pass
    assert text in caught.value.line
