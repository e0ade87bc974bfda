"""Sends one upload: `upload_client.py PORT PATH BYTES [CONNECTIONS SECONDS]`; prints the answers.

With CONNECTIONS each of them sends BYTES in SECONDS, in 100 pieces: slow clients. They send one
after the other, evenly, as clients that know nothing of each other do.
"""

from __future__ import annotations

import socket
import sys
import time

BLOCK = bytes(range(256)) * 1024
BOUNDARY = "----bench"
START = (
    f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="a.png"\r\n\r\n'.encode()
)
END = f"\r\n--{BOUNDARY}--\r\n".encode()


def opened(port: int, path: str, size: int) -> socket.socket:
    """Returns a connection that has sent all before the content."""
    head = f"POST {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
    head += f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
    head += f"Content-Length: {len(START) + size + len(END)}\r\n\r\n"
    sock = socket.create_connection(("127.0.0.1", port))
    sock.sendall(head.encode() + START)
    return sock


def answer(sock: socket.socket, size: int) -> None:
    """Reads the answer; it must be the number of bytes."""
    sock.sendall(END)
    with sock.makefile("rb") as stream:
        text = stream.read()
    assert text.startswith(b"HTTP/1.1 200"), text[-300:]
    assert str(size).encode() in text, text[-300:]


def main() -> None:
    """Uploads as the arguments say."""
    port, path, size = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    many, seconds = (int(sys.argv[4]), float(sys.argv[5])) if len(sys.argv) > 4 else (1, 0.0)
    socks = [opened(port, path, size) for _ in range(many)]
    sent, start = 0, time.monotonic()
    step = len(BLOCK) if not seconds else max(size // 100, 1)
    while sent < size:
        block = BLOCK[: min(step, size - sent)] if step <= len(BLOCK) else bytes(step)
        for number, sock in enumerate(socks):
            if seconds:
                due = seconds * (sent + len(block) * number / many) / size
                time.sleep(max(0.0, start + due - time.monotonic()))
            sock.sendall(block)
        sent += len(block)
    for sock in socks:
        answer(sock, size)
    print(time.monotonic() - start)


if __name__ == "__main__":
    main()
