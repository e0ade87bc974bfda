"""A fake ssh: each host is a folder whose environment runs the remote command, by its real shell.

FOLDER/calls                every command line, as JSON
FOLDER/NAME/environ.json    the environment of commands on the host NAME
FOLDER/NAME/unreachable     exists if the host cannot be reached
FOLDER/NAME/breaks          the line of progress at which the connection breaks; the remote
                            command goes on without it
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path


def main(folder: Path, arguments: list[str]) -> int:
    with (folder / "calls").open("a") as file:
        file.write(json.dumps(arguments) + "\n")
    destination, remote = arguments[arguments.index("--") + 1 :]
    host = folder / destination.rpartition("@")[2]
    if (host / "unreachable").exists():
        print(f"ssh: connect to host {host.name} port 22: Connection refused", file=sys.stderr)
        return 255
    environ = json.loads((host / "environ.json").read_text())
    child = subprocess.Popen(
        ["sh", "-c", remote],
        env=environ,
        cwd=host,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    breaks = (host / "breaks").read_text() if (host / "breaks").exists() else None
    assert child.stderr is not None
    for line in iter(child.stderr.readline, b""):
        os.write(2, line)
        if breaks is not None and breaks.encode() in line:
            (host / "breaks").unlink()
            return 255
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
