"""The slots of the workers: the instances of their unit."""

SPARE = 0
"""The slot that a reload starts first and drains last; never enabled."""

LAST_SLOT = 999
