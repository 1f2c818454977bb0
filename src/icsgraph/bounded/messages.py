"""Messages over a socket between two processes: a length, then so many bytes."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Sequence

__all__ = ["receive", "send"]

# How a message begins: its length.
_LENGTH = struct.Struct("!Q")
# What is read at once: most replies are shorter.
_CHUNK = 65_536


def send(connection: socket.socket, parts: Sequence[bytes]) -> None:
    """Send a message of some parts, its length before it, without making one of them in memory."""
    pieces = [_LENGTH.pack(sum(map(len, parts))), *parts]
    sent = connection.sendmsg(pieces)
    for piece in pieces:
        if sent < len(piece):
            connection.sendall(memoryview(piece)[sent:])
        sent = max(0, sent - len(piece))


def receive(connection: socket.socket, deadline: float | None = None) -> memoryview:
    """The next message; raises ``EOFError`` where the other side has ended, ``TimeoutError`` at the deadline."""
    start = b""
    while len(start) < _LENGTH.size:
        part = connection.recv(_CHUNK)
        if not part:
            raise EOFError
        start += part
    (size,) = _LENGTH.unpack_from(start)
    got = len(start) - _LENGTH.size
    if got == size:
        return memoryview(start)[_LENGTH.size :]
    message = memoryview(bytearray(size))
    message[:got] = memoryview(start)[_LENGTH.size :]
    while got < size:
        if deadline is not None and time.monotonic() > deadline:
            raise TimeoutError
        more = connection.recv_into(message[got:])
        if not more:
            raise EOFError
        got += more
    return message
