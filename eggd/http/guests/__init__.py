"""Applications of other frameworks, and their WebSockets, on one exchange of the server.

guest.py           what all kinds have in common
asgi.py            ASGI applications
asgi_socket.py     their WebSockets
tornado.py         Tornado applications
tornado_frames.py  the bytes that Tornado's WebSocket reads
"""
