"""The defaults of all apps, over eggd's."""

team = "support"
