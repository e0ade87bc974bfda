"""development: in env local, workers run what was just saved, and their start is a picture.

The agent watches and asks whoever supervises (`eggd dev`, `eggd start`) for new workers;
`GET /__loader_trace__` shows how long each step of the last start took.
"""
