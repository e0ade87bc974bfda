keys = "a key of the tests"
logger = {"custom_logger": {"shared": {"file": "shared.log"}}}
security = {"csrf": {"enable": False}}  # /body is asked without a token
