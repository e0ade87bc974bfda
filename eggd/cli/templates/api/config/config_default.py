"""The config in every environment; `eggd config` shows what all files come to."""

notes = {"most": 100}
