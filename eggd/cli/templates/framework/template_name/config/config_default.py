"""The defaults of all apps, over eggd's."""

team = "support"

security = {"level": "strict"}
"""The protections of today's browsers; the default, "egg", is for apps that come from Egg."""
