"""The section `multipart`: each mistake is an error at the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.errors import ConfigError
from eggd.probe.check import check
from eggd.testing.make_app import make_app
from tests.app.serving import served


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ("'mode': 'foo'", "multipart.mode must be 'stream' or 'file', not 'foo'"),
        ("'mode': 'file', 'file_mode_match': '/a'", "file_mode_match only works in mode 'stream'"),
        ("'file_mode_match': 7", "multipart.file_mode_match"),
        ("'file_sise': 7", "did you mean 'file_size'"),
        ("'file_size': 'big'", "multipart.file_size must be 0 to"),
        ("'fields': -1", "multipart.fields must be a whole number from 0"),
        ("'default_charset': 'utf-99'", "multipart.default_charset: 'utf-99' is not a charset"),
        ("'default_charset': 'hex'", "multipart.default_charset: 'hex' is not a charset"),
        (
            "'clean_schedule': {'interval': 0}",
            "clean_schedule.interval must be 1 to 604800",
        ),
        ("'clean_schedule': {'cron': 'x'}", "unknown key"),
        ("'whitelist': 5", "multipart.whitelist"),
        ("'whitelist': lambda name, size: True", "multipart.whitelist: missing a required argu"),
        ("'whitelist': ['*.png']", "multipart.whitelist: no file has the extension '*.png'"),
        ("'file_extensions': ['.tar.gz']", "no file has the extension '.tar.gz' (write the last"),
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


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ("'file_size': '1gb'", "file_size of 1073741824 bytes has no effect: bodies have at most"),
        ("'field_size': '2mb'", "field_size of 2097152 bytes has no effect: all fields together"),
        ("'whitelist': [], 'file_extensions': ['.a']", "file_extensions has no effect: whitelist"),
    ],
)
def test_an_option_without_effect(tmp_path: Path, options: str, text: str) -> None:
    """A warning at the start, and in `eggd check`."""
    config = f"multipart = {{{options}}}\n"
    with served(tmp_path / "app", {"config/config_default.py": config}) as client:
        assert text in (client.log_dir / "egg-web.log").read_text()
    shop = make_app(tmp_path / "shop", {"config/config_default.py": config})
    assert [text in line for line in check(shop, "prod", {}).warnings if "multipart" in line] == [
        True
    ]
