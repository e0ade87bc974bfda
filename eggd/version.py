"""The version, in one place: packaging and `eggd version` read it here."""

__version__ = "0.1.0"
