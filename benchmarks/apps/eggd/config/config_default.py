"""The same as that of the Egg app: sessions are signed."""

keys = "bench-only"
session = {"encrypt": False}
