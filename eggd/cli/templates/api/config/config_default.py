"""The config in every environment; `eggd config` shows the merged config."""

notes = {"most": 100}
