"""The company's defaults."""

from eggd import append

core_middleware = append("request_id")
