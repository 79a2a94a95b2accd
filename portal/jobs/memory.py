"""Keeps a process small and its start short: the allocator gives memory back, the collector leaves what was loaded."""

import ctypes
import gc
from collections.abc import Iterator
from contextlib import contextmanager

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""The numbers of glibc's mallopt(3)."""

_SMALL = 128 * 1024


def before_loading() -> None:
    """Set glibc's allocator so that one passcode's 19 MB of hashing is not kept, and load without the collector.

    By itself glibc raises its threshold after the first large block is freed and then never gives such blocks back, and
    it keeps a pool of memory for each thread. Elsewhere than on glibc nothing happens.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_ARENA_MAX, 1)
        mallopt(_MMAP_THRESHOLD, _SMALL)
        mallopt(_TRIM_THRESHOLD, _SMALL)
    gc.disable()


def after_loading() -> None:
    """From here on collect what requests leave behind; what was loaded stays and is never looked through again."""
    gc.freeze()
    gc.enable()


@contextmanager
def loading() -> Iterator[None]:
    """Load more in a process that answers already, as at its start; a process that never collects goes on so."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if collects:
            gc.enable()
