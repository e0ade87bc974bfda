"""The two mains, `agent` and `worker`, and what both need around an app."""
