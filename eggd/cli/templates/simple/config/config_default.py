"""The config in every environment; `eggd config` shows the merged config."""

greeting = "hi, egg"
