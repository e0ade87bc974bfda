"""The request by which a deploy asks whether a release serves, to real listeners."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from eggd.host.release.health import Address, Check
from tests.http.certificates import make_pair
from tests.http.test_greeting import behind


@pytest.mark.parametrize("tls", [False, True])
def test_a_listener_behind_the_proxy_protocol_is_asked(tls: bool, tmp_path: Path) -> None:
    """Also if the address of this host is not in trusted_proxies."""

    async def main() -> None:
        async with behind(["10.0.0.0/8"], tls=make_pair(tmp_path) if tls else None) as it:
            url = f"http{'s' * tls}://127.0.0.1:{it.port}"
            assert await asyncio.to_thread(Check().ask, Address.of_url(url, proxied=True)) == ""
            assert it.log == []
            problem = await asyncio.to_thread(Check().ask, Address.of_url(url))
            assert problem.startswith("GET / failed: ")

    asyncio.run(main())
