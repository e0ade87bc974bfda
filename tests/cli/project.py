"""A project as `eggd test` and `eggd cov` meet it: a folder with tests of its own."""

from __future__ import annotations

import subprocess
from pathlib import Path

from eggd.testing.make_app import make_app
from tests.cli.host import Host

PROJECT = {
    "app/service/price.py": """
        def price(pieces):
            if pieces > 9:
                return 90
            return pieces * 10
        """,
    "app/service/unused.py": "LIMIT = 5\n",
    "tests/test_price.py": """
        import os
        from app.service.price import price

        def test_one(): assert price(1) == 10

        def test_env(): assert os.environ["EGG_SERVER_ENV"] == "unittest"
        """,
}

FAILING = {
    "tests/test_price.py": """
        from app.service.price import price

        def test_one(): assert price(1) == 11

        def test_two(): assert price(2) == 21
        """
}


class Project:
    """A project folder in which `eggd` is started."""

    def __init__(self, home: Path) -> None:
        self._host = Host(home)
        self.root = make_app(home / "shop", PROJECT)

    def write(self, **files: str) -> None:
        make_app(self.root, files)

    def eggd(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return self._host.eggd("--base", str(self.root), *arguments, **more)
