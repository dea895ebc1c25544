"""Delivered bytes as blocks of lines, unpacked piece by piece so that a large file never sits in memory.

A file that breaks (gzip cut or damaged) yields every line that can still be read and then raises `BrokenFileError`.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO

CHUNK = 1 << 16
BLOCK = 1 << 20
_GZIP = 31  # zlib's window bits for a gzip member with header and checksum


class BrokenFileError(Exception):
    """The rest of a file cannot be read; `reason` is a Chinese sentence, `rest` the bytes of the line it breaks in."""

    def __init__(self, reason: str, rest: bytes = b""):
        super().__init__(reason)
        self.reason = reason
        self.rest = rest


def line_blocks(stream: BinaryIO, gzipped: bool) -> Iterator[list[bytes]]:
    """Lines without their ends (LF or CRLF), in blocks of about a megabyte; a last line without end counts.

    Raises BrokenFileError after the last whole line that can be read.
    """
    rest = b""
    try:
        for piece in _unpacked(stream) if gzipped else iter(lambda: stream.read(BLOCK), b""):
            if b"\n" not in piece:
                rest += piece
                continue
            lines = (rest + piece).split(b"\n")
            rest = lines.pop()
            yield [line.removesuffix(b"\r") for line in lines]
    except BrokenFileError as broken:
        raise BrokenFileError(broken.reason, rest) from None
    if rest:
        yield [rest.removesuffix(b"\r")]


def _unpacked(stream: BinaryIO) -> Iterator[bytes]:
    """The content of all gzip members; BrokenFileError where a member is damaged or ends early."""
    unpack = zlib.decompressobj(_GZIP)
    started = False
    for chunk in iter(lambda: stream.read(CHUNK), b""):
        while chunk:
            if unpack.eof:
                chunk = chunk.lstrip(b"\0")  # padding after the last member is allowed
                if not chunk:
                    break
                unpack = zlib.decompressobj(_GZIP)
            before = unpack.copy()
            started = True
            try:
                piece = unpack.decompress(chunk)
            except zlib.error:
                yield from _salvaged(before, chunk)
                raise BrokenFileError("gzip压缩数据损坏，此后的内容无法解压；请重新压缩并交付该文件") from None
            if piece:
                yield piece
            chunk = unpack.unused_data
    if not started or not unpack.eof:
        raise BrokenFileError("gzip文件不完整，此后的内容缺失；请重新压缩并交付该文件")


def _salvaged(unpack: zlib._Decompress, chunk: bytes) -> Iterator[bytes]:
    """What a damaged chunk gives up to the damage: zlib drops the output of a failing call, so feed it byte by byte."""
    for i in range(len(chunk)):
        try:
            piece = unpack.decompress(chunk[i : i + 1])
        except zlib.error:
            return
        if piece:
            yield piece
