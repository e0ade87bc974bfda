"""The config in every environment; `eggd config` shows the merged config."""

greeting = "hi, egg"

security = {"level": "strict"}
"""The protections of today's browsers; the default, "egg", is for apps that come from Egg."""
