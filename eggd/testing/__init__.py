"""testing: an app under test, inside the test's process or as a whole suite (docs/testing.md).

    test ──> client.get("/")                         a plain test; async ones await async_client
               request.py       the bytes of a request
               conversation.py  one connection: what goes out, what comes back
               transport.py     the only fake: a socket without a kernel
             ~~~~~~~~~~~~~~~~~~ from here on all is real, on the loop of `loop.py`
               eggd.http Connection -> Dispatcher -> the app

`stage.py` starts apps, `running.py` is one of them with its agent, `base_dir.py` says which one a
test is about, `make_app.py` writes one. `scope.py` is one test: what it pretends (`mock.py`,
`member.py`, `httpclient.py`) ends with it, and what it leaves behind is told. `suite.py` is the
other way: real processes. All of it is handed to tests by `pytest_plugin.py`, which pytest finds
wherever eggd is installed; so nothing is imported here.
"""
