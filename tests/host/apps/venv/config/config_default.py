keys = "a key of the tests"
