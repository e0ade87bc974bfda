"""Hosts as `--hosts` names them."""

from __future__ import annotations

import pytest

from eggd.cli.fleet.targets import Target


@pytest.mark.parametrize(
    ("text", "command"),
    [("shop-1", "ssh shop-1"), ("ann@shop-1:2222", "ssh -p 2222 ann@shop-1")],
)
def test_the_hint_of_an_unreachable_host_is_a_command(text: str, command: str) -> None:
    """The command connects as the deploy did, also with a port."""
    assert Target.parse(text, "--hosts").by_hand == command
