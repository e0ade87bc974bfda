from pathlib import Path

import pytest

from eggd.errors import VariableError
from eggd.host.defaults import check
from eggd.suite.variables import KNOWN


def defaults(directory: Path, content: str | bytes) -> Path:
    file = directory / "eggd"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def test_returns_what_the_file_sets(tmp_path: Path) -> None:
    file = defaults(tmp_path, "EGG_SERVER_ENV=local\nTZ=UTC\nEGG_SERVER_ENV='prod'\n")
    assert check(file) == {"EGG_SERVER_ENV": "prod", "TZ": "UTC"}
    file = defaults(tmp_path, "EGG_CREDENTIAL_DB_FILE=/run/db\n")
    assert check(file) == {"EGG_CREDENTIAL_DB_FILE": "/run/db"}


def test_a_missing_file_sets_nothing(tmp_path: Path) -> None:
    assert check(tmp_path / "none") == {}


SYSTEMD_EXEC = "(systemd.exec(5), EnvironmentFile=)"
REFUSED = {
    "\nnonsense here": f":2: 'nonsense here' is not an assignment (KEY=value) {SYSTEMD_EXEC}",
    "=foo": f":1: '' is not a valid name of a variable {SYSTEMD_EXEC}",
    "EGG_BASEDIR=/srv": ":1: EGG_BASEDIR: unknown key (did you mean 'EGG_BASE_DIR'?)",
    "EGG_Z0Q9X=1": f":1: EGG_Z0Q9X: unknown key (known keys: {', '.join(KNOWN)})",
    "EGG_WORKERS=4": ":1: EGG_WORKERS: unknown key "
    "(the number of workers is the number of enabled ones: eggd scale N)",
    "EGG_CREDENTIAL_DB=hush": ":1: EGG_CREDENTIAL_DB: a secret does not belong in this file "
    "(run 'eggd credential set NAME', or name a file with EGG_CREDENTIAL_DB_FILE)",
    b"TZ=UTC\nA=\xff\n": ":2: not UTF-8 text",
    "TZ=UTC\nEGG_MIN_READY_SECONDS=99": ":2: EGG_MIN_READY_SECONDS: '99' is not a number of seconds"
    " from 0 to 10",
    "EGG_APP_CLOSE_TIMEOUT=soon": ":1: EGG_APP_CLOSE_TIMEOUT must be milliseconds such as 5000, or"
    " '5s', not 'soon'",
    "EGG_BASE_DIR=srv/shop": ":1: EGG_BASE_DIR must be an absolute path, not 'srv/shop'",
}


@pytest.mark.parametrize(("content", "message"), REFUSED.items())
def test_names_file_line_and_cure(tmp_path: Path, content: str | bytes, message: str) -> None:
    file = defaults(tmp_path, content)
    with pytest.raises(VariableError) as caught:
        check(file)
    assert caught.value.line == f"{file}{message}"


def test_a_directory_in_its_place_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(VariableError, match="Is a directory"):
        check(tmp_path)
