keys = "a key of the tests"
logger = {"custom_logger": {"shared": {"file": "shared.log"}}}
