"""The file of a backup: lines, packed by zlib, sealed in chunks by libsodium's secretstream; nothing can be cut off."""

import hashlib
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from nacl import bindings as sodium
from nacl.exceptions import CryptoError

MAGIC = b"portal backup 1\n"
CHUNK = 64 * 1024
"""Bytes that are sealed at once; every chunk but the last is full, so none needs its length beside it."""

_KEY_ID_BYTES = 8
_HEADER_BYTES = sodium.crypto_secretstream_xchacha20poly1305_HEADERBYTES
_SEALED_CHUNK = CHUNK + sodium.crypto_secretstream_xchacha20poly1305_ABYTES
_MORE = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_LAST = sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL


class CannotUse(Exception):
    """A backup cannot be made or put back; its text is one sentence for the operator, without anybody's data."""


class SealedWriter:
    """Writes lines into a file, sealed under a key of 32 bytes; without `finish` the file opens for nobody."""

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file, self._state = file, sodium.crypto_secretstream_xchacha20poly1305_state()
        self._beginning = MAGIC + _key_id(key)
        self._packer, self._packed = zlib.compressobj(6), bytearray()
        nonce = sodium.crypto_secretstream_xchacha20poly1305_init_push(self._state, key)
        file.write(self._beginning + nonce)

    def line(self, line: bytes) -> None:
        """Write one line; it holds no line break itself."""
        self._packed += self._packer.compress(line + b"\n")
        while len(self._packed) > CHUNK:
            self._push(self._packed[:CHUNK], _MORE)
            del self._packed[:CHUNK]

    def finish(self) -> None:
        """Seal what is left and mark the end."""
        self._packed += self._packer.flush()
        while len(self._packed) > CHUNK:
            self._push(self._packed[:CHUNK], _MORE)
            del self._packed[:CHUNK]
        self._push(self._packed, _LAST)

    def _push(self, chunk: bytearray, tag: int) -> None:
        sealed = sodium.crypto_secretstream_xchacha20poly1305_push(self._state, bytes(chunk), self._beginning, tag)
        self._file.write(sealed)


def is_backup(beginning: bytes) -> bool:
    """Whether a file that begins so is one of ours."""
    return beginning.startswith(MAGIC)


def lines(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    """The lines of a sealed file, a chunk in memory at a time.

    Raises CannotUse as soon as it is clear that the file is no backup, was made with another key, was altered or is
    not whole; lines given before that are genuine.
    """
    rest = b""
    for unpacked in _unpacked(file, key):
        *whole, rest = (rest + unpacked).split(b"\n")
        yield from whole
    if rest:
        raise CannotUse("the backup ends in the middle of a line")


def _unpacked(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    unpacker = zlib.decompressobj()
    for chunk in _opened(file, key):
        packed = chunk
        while packed:
            try:
                yield unpacker.decompress(packed, CHUNK)
            except zlib.error:
                raise CannotUse("the backup cannot be unpacked") from None
            packed = unpacker.unconsumed_tail
    # Only so much is unpacked at once, so a little may still be inside.
    while not unpacker.eof:
        left = unpacker.decompress(b"", CHUNK)
        if not left:
            raise CannotUse("the backup is not whole")
        yield left


def _opened(file: BinaryIO, key: bytes) -> Iterator[bytes]:
    beginning = file.read(len(MAGIC) + _KEY_ID_BYTES)
    nonce = file.read(_HEADER_BYTES)
    if not is_backup(beginning):
        raise CannotUse("this file is not a backup of the portal")
    if len(nonce) < _HEADER_BYTES:
        raise CannotUse("the backup is not whole: it was cut off")
    if beginning[len(MAGIC) :] != _key_id(key):
        raise CannotUse("the backup was made with another PORTAL_BACKUP_KEY than the one in the settings")
    state = sodium.crypto_secretstream_xchacha20poly1305_state()
    sodium.crypto_secretstream_xchacha20poly1305_init_pull(state, nonce, key)
    sealed, tag = file.read(_SEALED_CHUNK), _MORE
    while sealed:
        try:
            chunk, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(state, sealed, beginning)
        except (CryptoError, ValueError):
            raise CannotUse("the backup was altered or is not whole") from None
        yield chunk
        sealed = file.read(_SEALED_CHUNK)
    if tag != _LAST:
        raise CannotUse("the backup is not whole: it was cut off")


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"backup key id|" + key).digest()[:_KEY_ID_BYTES]
