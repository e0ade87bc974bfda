"""`credential`: the places in their order, what is accepted, and that no value is ever shown."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from eggd import credential
from eggd.config import credentials
from eggd.config.credentials import LIMIT, Places, UnitCredentials, config_files_read, variable
from eggd.errors import LONGEST, CredentialError, EggError
from eggd.failure import describe
from eggd.log.failure import report
from eggd.masking import known
from eggd.masking.redact import redact, safe_repr
from eggd.masking.secrets import public_line

NAME, VALUE = "db-password", "opensesame & <co>"


@pytest.fixture(autouse=True)
def forgetful(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Forgets the values of each test."""
    monkeypatch.setattr(credentials, "_lookup", credentials._Lookup())
    yield
    known.FORMS.clear()
    known._values.clear()


def stored(folder: Path, value: str | bytes = VALUE, mode: int = 0o600) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / NAME
    path.write_bytes(value.encode() if isinstance(value, str) else value)
    path.chmod(mode)
    return path


def look_in(
    environ: Mapping[str, str],
    base_dir: Path | None = None,
    units: UnitCredentials | None = None,
) -> None:
    with config_files_read(
        Places(environ=environ, base_dir=base_dir, units=units or UnitCredentials())
    ):
        pass


def refused(name: str = NAME) -> str:
    with pytest.raises(CredentialError) as failed:
        credential(name)
    place, _, line = failed.value.line.partition(": ")
    assert place.startswith(f"{__file__}:")
    return line


def test_the_first_place_decides(tmp_path: Path) -> None:
    stored(tmp_path / "unit", "from the unit")
    file = stored(tmp_path, "from a file")
    stored(tmp_path / ".credentials", "from the app")
    stored(tmp_path / "home/.config/eggd/credentials", "from the user")
    stored(tmp_path / "xdg/eggd/credentials", "from elsewhere")
    environ = {
        "CREDENTIALS_DIRECTORY": str(tmp_path / "unit"),
        "EGG_CREDENTIAL_DB_PASSWORD_FILE": str(file),
        "EGG_CREDENTIAL_DB_PASSWORD": "from a variable",
    }
    values = []
    while environ:
        look_in(environ, tmp_path)
        values.append(credential(NAME))
        del environ[next(iter(environ))]
    look_in({"HOME": str(tmp_path / "home")}, tmp_path)
    values.append(credential(NAME))
    look_in({"HOME": str(tmp_path / "home")})
    values.append(credential(NAME))
    look_in({"HOME": "/", "XDG_CONFIG_HOME": str(tmp_path / "xdg")})
    values.append(credential(NAME))
    assert values == [
        "from the unit",
        "from a file",
        "from a variable",
        "from the app",
        "from the user",
        "from elsewhere",
    ]


def test_without_an_app_the_environment_of_the_process_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(variable(NAME), VALUE)
    assert credential(NAME) == VALUE


@pytest.mark.parametrize(
    ("content", "value"),
    [("x\n", "x"), ("x\r\n", "x"), ("x\n\n", "x\n"), (" x ", " x "), ("é\nü", "é\nü")],
)
def test_one_line_break_at_the_end_is_removed(content: str, value: str, tmp_path: Path) -> None:
    stored(tmp_path, content)
    look_in({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert credential(NAME) == value


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"a\xff", "is not UTF-8 text (byte 1) (encode it, for example as base64)"),
        (b"a\0b", "has a NUL character"),
        (b"a" * (LIMIT + 1), f"is larger than {LIMIT} bytes"),
    ],
    ids=["empty", "line break", "latin-1", "nul", "large"],
)
def test_content_that_is_not_text_is_named_and_not_shown(
    content: bytes, problem: str, tmp_path: Path
) -> None:
    path = stored(tmp_path, content)
    look_in({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert refused() == f"credential {NAME} in {path} {problem}"


def test_the_largest_credential_is_read(tmp_path: Path) -> None:
    stored(tmp_path, "a" * LIMIT)
    look_in({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert len(credential(NAME)) == LIMIT


def test_a_missing_one_names_the_places_and_the_cure(tmp_path: Path) -> None:
    key = "EGG_CREDENTIAL_DB_PASSWORD"
    look_in({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert refused() == (
        f"credential {NAME} is missing: it is not in {tmp_path}, {key}_FILE or {key}"
        f" (run 'eggd credential set {NAME}')"
    )
    look_in({}, tmp_path)
    assert refused() == (
        f"credential {NAME} is missing: it is not in {key}_FILE, {key} or {tmp_path}/.credentials"
        f" (run 'eggd credential set {NAME} --local')"
    )


KEY = "EGG_CREDENTIAL_DB_PASSWORD"


@pytest.mark.parametrize(
    ("env", "origin", "has_local", "line"),
    [
        (
            "prod",
            "the units' default",
            True,
            (
                f"{KEY}_FILE, {KEY} or TMP/home/.config/eggd/credentials; .credentials/{NAME}"
                " is read in local and unittest only; this is prod"
                f" (run 'eggd credential set {NAME}')"
            ),
        ),
        (
            "prod",
            "--env",
            False,
            (
                f"{KEY}_FILE, {KEY} or TMP/home/.config/eggd/credentials"
                f" (run 'eggd credential set {NAME}')"
            ),
        ),
        (
            "local",
            "",
            False,
            (
                f"{KEY}_FILE, {KEY}, TMP/.credentials or TMP/home/.config/eggd/credentials"
                f" (run 'eggd credential set {NAME} --local')"
            ),
        ),
    ],
)
def test_a_missing_one_names_the_environment(
    tmp_path: Path, env: str, origin: str, has_local: bool, line: str
) -> None:
    if has_local:
        stored(tmp_path / ".credentials")
    environ = {"HOME": str(tmp_path / "home")}
    with config_files_read(Places(environ=environ, base_dir=tmp_path, env=env, env_origin=origin)):
        pass
    said = (
        f"credential {NAME} is missing in env {env}, from {origin or 'the default'}: it is not in"
    )
    assert refused().replace(str(tmp_path), "TMP") == f"{said} {line}"


def test_a_link_to_no_file_is_not_a_missing_credential(tmp_path: Path) -> None:
    stored(tmp_path / ".credentials").unlink()
    (tmp_path / ".credentials" / NAME).symlink_to("nowhere")
    look_in({}, tmp_path)
    path = tmp_path / ".credentials" / NAME
    assert refused() == (
        f"credential {NAME} in {path}: the link leads to no file (correct or remove {path})"
    )


@pytest.mark.parametrize(
    ("arguments", "options", "line"),
    [
        (("hush",), {}, f"credential('{NAME}') takes no second argument (name it: default=...)"),
        (
            (),
            {"defult": "hush"},
            f"credential('{NAME}'): defult: unknown option (did you mean 'default'?)",
        ),
        ((), {"env": "hush"}, f"credential('{NAME}'): env: unknown option (options: default)"),
    ],
)
def test_a_wrong_argument_is_named_and_its_value_not_shown(
    arguments: tuple[str, ...], options: dict[str, str], line: str
) -> None:
    with pytest.raises(CredentialError) as failed:
        credential(NAME, *arguments, **options)  # pyright: ignore[reportCallIssue]
    assert failed.value.line.partition(": ")[2] == line


def test_a_default_replaces_a_missing_one_only(tmp_path: Path) -> None:
    look_in({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert (credential(NAME, default=None), credential(NAME, default="")) == (None, "")
    stored(tmp_path, b"\xff")
    with pytest.raises(CredentialError, match="not UTF-8"):
        credential(NAME, default=None)


def test_a_file_that_a_variable_names_must_exist(tmp_path: Path) -> None:
    look_in({"EGG_CREDENTIAL_DB_PASSWORD_FILE": str(tmp_path / "x")})
    assert refused() == (
        f"credential {NAME} in {tmp_path / 'x'}: No such file or directory"
        " (EGG_CREDENTIAL_DB_PASSWORD_FILE names this file)"
    )


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_local_file_that_others_may_read_is_refused(mode: int, tmp_path: Path) -> None:
    path = stored(tmp_path / ".credentials", mode=mode)
    look_in({}, tmp_path)
    assert refused() == (
        f"credential {NAME} in {path}: other users may access it (mode {mode:04o})"
        f" (chmod 600 {path})"
    )


@pytest.mark.parametrize("name", ["", "../x", ".x", "a b", "a:b", "a%b", "ä", "x" * 101, "x-file"])
def test_a_wrong_name_is_refused(name: str) -> None:
    assert refused(name).startswith(f"{name!r} is not a name of a credential")


def test_a_name_that_is_not_text_is_refused() -> None:
    assert refused(7).startswith("7 is not a name of a credential")  # type: ignore[arg-type]


def test_one_that_only_the_units_can_read() -> None:
    """A check continues with a placeholder; an app's command fails."""
    origins = {NAME: "/etc/systemd/system/x.conf"}
    look_in({}, units=UnitCredentials(origins))
    assert refused() == (
        f"credential {NAME} is set for the service in /etc/systemd/system/x.conf, and is not"
        " readable here (run it as root)"
    )
    units = UnitCredentials(origins, placeholders=True)
    look_in({}, units=units)
    assert redact({"x": credential(NAME)}) == {"x": "<String len: 43>"}
    assert units.replaced == {NAME}
    assert "is missing" in refused("other")


def test_no_form_of_a_value_is_shown(tmp_path: Path) -> None:
    value = 'p&ss/"wörd"\n<x>'
    stored(tmp_path, value)
    look_in({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    credential(NAME)
    assert redact({"plain": value, "url": f"x://h/{value}"}) == {
        "plain": "<String len: 15>", "url": "x://h/***",
    }  # fmt: skip
    for form in (value, repr(value), json.dumps(value), "p%26ss%2F%22w%C3%B6rd%22%0A%3Cx%3E"):
        assert "wörd" not in (line := public_line(f"failed with {form}"))
        assert "***" in line
    assert safe_repr(["pin"], value) == "text of 15 characters"


def test_a_value_at_the_place_where_a_message_is_cut_is_masked(tmp_path: Path) -> None:
    stored(tmp_path, "opensesame")
    look_in({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    text = "x" * (LONGEST - 5) + credential(NAME)
    for line in (describe(ValueError(text[12:])), EggError(text).line, report(EggError(text))):
        assert "xxx" in line
        assert "open" not in line


def test_a_short_value_is_masked_where_it_is_the_whole_value(tmp_path: Path) -> None:
    stored(tmp_path, "1234")
    look_in({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    credential(NAME)
    assert redact({"pin": "1234", "port": "12345"}) == {
        "pin": "<String len: 4>", "port": "12345",
    }  # fmt: skip
    assert safe_repr(["pin"], "1234") == "text of 4 characters"
    assert public_line("waited for 1234 ms") == "waited for 1234 ms"


def test_a_value_that_contains_another_is_masked_as_a_whole(tmp_path: Path) -> None:
    for value in ("12345678", "abc12345678abc"):
        stored(tmp_path, value)
        look_in({"CREDENTIALS_DIRECTORY": str(tmp_path)})
        credential(NAME)
    assert public_line("abc12345678abc 12345678") == "*** ***"


def test_a_device_or_fifo_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    look_in({"CREDENTIALS_DIRECTORY": str(tmp_path)})
    assert refused() == f"credential {NAME} in {tmp_path / NAME} is not a regular file"
