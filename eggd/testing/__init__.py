"""An app under test, in the process of the test or as a whole suite (docs/testing.md).

    test ──> client.get("/")                         a plain test; async ones await async_client
               request.py       the bytes of a request
               conversation.py  one connection: request and response
               reader.py        the response in the bytes of the server
               transport.py     the only fake: a socket without a kernel
             ~~~~~~~~~~~~~~~~~~ all below is real, on the loop of `loop.py`
               eggd.http Connection -> Dispatcher -> the app

    app_starter.py    starts apps
    running_app.py    a started app with its agent
    loop.py           the event loop of the apps, on a thread of its own
    base_dir.py       finds the app of a test
    make_app.py       writes an app of a table of files
    imports.py        forgets the modules that an app has imported
    client.py         `client` and `async_client`
    cookie_jar.py     the cookies that a client keeps
    response.py       a response
    stream.py         a response that is read while it is generated
    websocket.py      a WebSocket client
    scope.py          the changes of one test to an app, undone at its end
    mock.py           everything that a test can mock
    mocked_session.py the session of a mock; the session that a test reads
    mock_method.py    replaces a method of a service or of another loaded class
    httpclient.py     mocks the answers to `ctx.curl` and to Tornado's HTTP client
    curl_mocks.py     request and response of a mock, for `ctx.curl`
    bus.py            messages between app and agent
    log_reader.py     the lines that were logged during a test
    schedule.py       runs a job of `app/schedule`
    arguments.py      one-line errors for wrong arguments
    redis_server.py   a real server of Redis or Valkey
    suite.py          real processes: an agent and workers
    child.py          one process of a suite
    pytest_plugin.py  registers the fixtures; pytest loads it if eggd is installed
    pytest_app.py     the fixtures that start apps and send requests
    pytest_mocks.py   the fixtures that mock, read logs and run jobs

Nothing is imported here: pytest loads this package in every project.
"""
