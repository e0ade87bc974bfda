from pathlib import Path

import pytest

from eggd.cli.listen import address
from tests.cli.host import Host

GOOD = {
    "8080": "8080",
    "127.0.0.1:7001": "127.0.0.1:7001",
    "[::1]:7001": "[::1]:7001",
    "[0:0::1]:080": "[::1]:80",
    "0.0.0.0:65535": "0.0.0.0:65535",
}


@pytest.mark.parametrize(("text", "stream"), GOOD.items())
def test_an_address_is_normalised(text: str, stream: str) -> None:
    assert address(text) == stream


BAD = ("", "0", "65536", "x", "localhost:80", "::1:80", "[1.2.3.4]:80", "1.2.3:80", ":80", "٣")


@pytest.mark.parametrize("text", BAD)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"port|octets|IPv|character|part|Address"):
        address(text)


def test_the_drop_in_replaces_the_address(tmp_path: Path) -> None:
    host = Host(tmp_path)
    done = host.eggd("listen", "--units", str(tmp_path / "units"), "[::1]:8080")
    assert (done.returncode, done.stdout) == (
        0,
        "egg.socket will listen on [::1]:8080, after: eggd stop && eggd start\n",
    )
    [file] = (tmp_path / "units" / "egg.socket.d").iterdir()
    assert file.read_text() == "[Socket]\nListenStream=\nListenStream=[::1]:8080\n"
    assert (file.stat().st_mode & 0o777, host.calls("daemon-reload")) == (0o644, ["daemon-reload"])


def test_what_is_no_address_is_a_usage_error(tmp_path: Path) -> None:
    done = Host(tmp_path).eggd("listen", "localhost:80")
    assert done.returncode == 2
    assert done.stderr.startswith("error: localhost:80: ")
