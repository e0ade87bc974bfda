"""The config in every environment; `eggd config` shows what all files come to."""

greeting = "hi, egg"
