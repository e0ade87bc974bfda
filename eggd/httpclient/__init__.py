"""The HTTP client behind `ctx.curl`: libcurl on the event loop (docs/httpclient.md).

client.py     `HttpClient`: redirects, retries, events
config.py     the section `httpclient`; only this and `errors.py` do without pycurl's import
options.py    the options of a request, and the combinations without effect
building.py   from a URL and options to the request that is sent
addresses.py  the addresses that are not public, and rules about them
url.py        URLs, parsed once and strictly
headers.py    header fields, checked before they are sent
content.py    JSON, forms, raw and streamed bodies
multipart.py  forms with files
outgoing.py   one request to one URL
multi.py      the connections and running transfers of a client
transfer.py   one request and its response on a handle of libcurl
limits.py     the limits of time of a transfer
handle.py     the options of a handle
upload.py     a body that is sent in pieces
response.py   the response, and a body that is read while it arrives
details.py    times, URLs and the connection of a response
errors.py     what a request can raise
events.py     the events `request` and `response`

Nothing is imported here: an app that sends no request does not load pycurl.
"""
