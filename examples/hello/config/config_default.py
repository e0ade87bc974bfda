greeting = "hello"

middleware = ["powered_by"]

powered_by = {"name": "eggd"}

security = {"level": "strict"}
