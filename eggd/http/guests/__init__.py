"""Applications of other frameworks, and their WebSockets, on one exchange of the server.

guest.py           common to all frameworks: the request as a guest sees it, and its answer
asgi.py            ASGI applications
asgi_socket.py     their WebSockets
tornado.py         Tornado applications
tornado_frames.py  the bytes that Tornado's WebSocket reads
"""
