"""From an exchange to the bytes of its answer.

dispatch.py         one request's way through the app
eager.py            starts a coroutine without a trip through the loop
override_method.py  POST requests that stand for another method
guards.py           functions that see every request before anything else
before_send.py      functions that complete an answer
log_commit.py       log lines that are written before the answer is sent
body_parser.py      JSON, form, text and XML bodies
json_read.py        JSON in
body.py             from `ctx` to status, head and payload
json.py             JSON out
json_rapid.py       JSON out by rapidjson
stream.py           bodies that are produced while they are sent
file_pieces.py      pieces of an open file, as a body
events.py           Server-Sent Events
conditional.py      304, 412, 416 and ranges
site_file.py        single files by their exact path
folders.py          all paths below a prefix, before middleware and routes
failure.py          requests that failed or matched no route
client_error.py     custom responses to malformed requests
"""
