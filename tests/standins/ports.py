"""Ports for servers that a test kills and starts again on the same address.

A port that the kernel hands out (bind to 0) comes from the range of outgoing connections. While its server is
down, a client that keeps dialling it on the loopback can be given that very port as its own and connect to
itself; the server then cannot come back. So ports are taken from below that range.
"""

import contextlib
import random
import socket

_BELOW_OUTGOING_CONNECTIONS = range(12_000, 32_000)


def free_ports(count: int) -> list[int]:
    """Return `count` different loopback ports that nobody listens on."""
    with contextlib.ExitStack() as held:
        ports: list[int] = []
        for port in random.sample(_BELOW_OUTGOING_CONNECTIONS, 500):
            if len(ports) == count:
                break
            listener = held.enter_context(socket.socket())
            with contextlib.suppress(OSError):
                listener.bind(("127.0.0.1", port))
                ports.append(port)
        if len(ports) < count:
            raise RuntimeError(f"Only {len(ports)} of {count} free ports were found on 127.0.0.1.")
        return ports


def free_port() -> int:
    """Return one loopback port that nobody listens on."""
    return free_ports(1)[0]
