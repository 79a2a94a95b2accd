"""A line as slow as a phone's at the edge of the net: so many bits a second both ways, so long there and back."""

import queue
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

GPRS_BITS, GPRS_ROUND_TRIP = 50_000, 0.5
_PACKET = 536
"""Bytes that travel at once: the part of a message that every network must carry whole."""


@dataclass
class Way:
    """One direction, which all connections share: a packet leaves when the one before it has gone."""

    bits: int
    takes: float
    _free_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def arrives_at(self, size: int) -> float:
        """When a packet that is handed in now arrives."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic()) + size * 8 / self.bits
            return self._free_at + self.takes

    def carry(self, source: socket.socket, target: socket.socket) -> None:
        """Carry what comes from one end to the other, in order."""
        under_way: queue.SimpleQueue[tuple[float, bytes]] = queue.SimpleQueue()
        threading.Thread(target=_deliver, args=(under_way, target), daemon=True).start()
        with suppress(OSError):
            while part := source.recv(_PACKET):
                under_way.put((self.arrives_at(len(part)), part))
        under_way.put((self.arrives_at(0), b""))


def _deliver(under_way: "queue.SimpleQueue[tuple[float, bytes]]", target: socket.socket) -> None:
    with suppress(OSError):
        while True:
            when, part = under_way.get()
            time.sleep(max(0.0, when - time.monotonic()))
            if not part:
                target.shutdown(socket.SHUT_WR)
                return
            target.sendall(part)


@contextmanager
def slow_line(leads_to: int, bits: int = GPRS_BITS, round_trip: float = GPRS_ROUND_TRIP) -> Iterator[int]:
    """A port of this machine that leads to another one slowly."""
    there, back = Way(bits, round_trip / 2), Way(bits, round_trip / 2)

    def take(caller: socket.socket) -> None:
        # The connection itself is asked for and granted first.
        time.sleep(round_trip)
        server = socket.create_connection(("127.0.0.1", leads_to))
        threading.Thread(target=there.carry, args=(caller, server), daemon=True).start()
        back.carry(server, caller)

    with socket.create_server(("127.0.0.1", 0)) as door:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=take, args=(door.accept()[0],), daemon=True).start()

        threading.Thread(target=answer, daemon=True).start()
        yield door.getsockname()[1]
