"""Plain data as bytes: what crosses the border between the host and a confined process.

None, bool, int, float, complex, str, bytes, list, tuple, dict, set and frozenset, each with its exact type.
A value is a tag of one byte and its content; lengths and counts are 4 bytes, least significant first. An
instance of a subclass is written as what it holds (a Counter as a dict, a named tuple as a tuple), read
with the methods of the plain type, so that nothing its author wrote takes part.

`decode` is for bytes from a hostile process. It is bounded in depth and in the number of values, never
looks beyond the buffer, and refuses keys chosen to have the same hash, and more keys than can be stored
quickly if their hashes are chosen to follow each other through the table; those of texts cannot be chosen.

This file imports nothing of sml_gym: the confined process loads it by itself.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

MAX_BYTES = 16 * 2**20
MAX_VALUES = 500_000
MAX_KEYS = 30_000  # that are no texts, in all sets and dicts of a value
MAX_INT_BITS = 14_000  # what has more digits cannot be shown: Python refuses to write it
_MAX_SAME_HASH = 1_000

_issubclass, _len, _type = issubclass, len, type  # a program may replace the built-in names
_pack_length = struct.Struct("<I").pack
_pack_float = struct.Struct("<d").pack
_pack_complex = struct.Struct("<dd").pack
_CONTAINERS: dict[Any, bytes] = {list: b"l", tuple: b"t", set: b"S", frozenset: b"Z"}
_TEXTS = (str, bytes)
_BASES: tuple[Any, ...] = (int, float, complex, str, bytes, list, tuple, dict, set, frozenset)


class NotPlain(ValueError):
    """The value cannot cross: it is no plain data, nested too deep, or too large."""


class TooLarge(NotPlain):
    """The value has too many bytes or parts."""


class BadData(ValueError):
    """The bytes are no value."""


def encode(value: Any, depth: int = 100) -> bytes:
    """The bytes of a value. Raises `NotPlain`."""
    out = bytearray()
    _encode(value, depth, out, [MAX_VALUES, MAX_KEYS])
    return bytes(out)


def _encode(value: Any, depth: int, out: bytearray, left: list[int]) -> None:
    kind = _type(value)
    left[0] -= 1
    if left[0] < 0 or _len(out) > MAX_BYTES:
        raise TooLarge("the value is too large")
    if value is None:
        out += b"n"
    elif value is True:
        out += b"y"
    elif value is False:
        out += b"f"
    elif kind is int:
        if value.bit_length() > MAX_INT_BITS:
            raise TooLarge("the number has more digits than Python writes")
        body = value.to_bytes((value.bit_length() + 8) // 8, "little", signed=True)
        out += b"i" + _pack_length(_len(body)) + body
    elif kind is float:
        out += b"d" + _pack_float(value)
    elif kind is str:
        body = value.encode("utf-8", "surrogatepass")
        out += b"s" + _pack_length(_len(body)) + body
    elif kind is bytes:
        out += b"b" + _pack_length(_len(value)) + value
    elif kind is complex:
        out += b"c" + _pack_complex(value.real, value.imag)
    elif kind in _CONTAINERS or kind is dict:
        if depth <= 0:
            raise NotPlain("the value is nested too deep")
        if _len(value) > left[0]:
            raise TooLarge("the value is too large")
        out += (b"m" if kind is dict else _CONTAINERS[kind]) + _pack_length(_len(value))
        keyed = kind not in (list, tuple)
        for item in value.items() if kind is dict else value:
            if keyed and _type(item[0] if kind is dict else item) not in _TEXTS:
                left[1] -= 1
                if left[1] < 0:
                    raise TooLarge("the value has too many keys")
            if kind is dict:
                _encode(item[0], depth - 1, out, left)
                item = item[1]
            _encode(item, depth - 1, out, left)
    else:
        _encode(_bare(value, kind), depth, out, left)


def _bare(value: Any, kind: type) -> Any:
    """An instance of a subclass of a plain type as an instance of that type."""
    for base in _BASES:
        if _issubclass(kind, base):
            if base is int:
                return int.__add__(value, 0)
            if base is float:
                return float.__float__(value)
            if base is complex:
                return complex.__complex__(value)
            if base is str:
                return str.__str__(value)
            if base is bytes:
                return bytes.__getitem__(value, slice(None))
            if base is dict:
                return dict(dict.items(value))
            return base(base.__iter__(value))
    name = _type.__getattribute__(kind, "__name__")
    raise NotPlain(f"a value of type {name} is no plain data" if _type(name) is str else "no plain data")


def decode(data: bytes, depth: int = 100) -> Any:
    """The value in the bytes. Raises `BadData`."""
    reader = _Reader(data)
    value = reader.value(depth)
    if reader.at != len(data):
        raise BadData("there is more than one value")
    return value


class Keys:
    """The keys of one value: none are stored that would take for ever."""

    def __init__(self) -> None:
        self.left = MAX_KEYS

    def checked(self, keys: list[Any]) -> list[Any]:
        """The keys of one set or dict. Raises `BadData`."""
        self.left -= sum([type(key) not in _TEXTS for key in keys])
        if self.left < 0:
            raise BadData("too many keys")
        if len(keys) > _MAX_SAME_HASH and len(keys) - len({hash(key) for key in keys}) > _MAX_SAME_HASH:
            raise BadData("the keys have the same hash")
        return keys


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.left = MAX_VALUES
        self.keys = Keys()

    def value(self, depth: int) -> Any:
        self.left -= 1
        if self.left < 0:
            raise BadData("too many values")
        tag = self.take(1)
        if tag == b"n":
            return None
        if tag == b"y":
            return True
        if tag == b"f":
            return False
        if tag == b"i":
            number = int.from_bytes(self.take(self.length()), "little", signed=True)
            if number.bit_length() > MAX_INT_BITS:
                raise BadData("a number is too long")
            return number
        if tag == b"d":
            return struct.unpack("<d", self.take(8))[0]
        if tag == b"s":
            try:
                return self.take(self.length()).decode("utf-8", "surrogatepass")
            except UnicodeDecodeError:
                raise BadData("a text is no text") from None
        if tag == b"b":
            return self.take(self.length())
        if tag == b"c":
            return complex(*struct.unpack("<dd", self.take(16)))
        if depth <= 0:
            raise BadData("nested too deep")
        count = self.length()
        if tag == b"m":
            keys, values = [], []
            for _ in range(count):
                keys.append(self.value(depth - 1))
                values.append(self.value(depth - 1))
            return self.stored(keys, lambda checked: dict(zip(checked, values, strict=True)))
        if tag not in (b"l", b"t", b"S", b"Z"):
            raise BadData("an unknown tag")
        items = [self.value(depth - 1) for _ in range(count)]
        if tag == b"l":
            return items
        if tag == b"t":
            return tuple(items)
        return self.stored(items, set if tag == b"S" else frozenset)

    def stored(self, keys: list[Any], store: Callable[[list[Any]], Any]) -> Any:
        try:
            return store(self.keys.checked(keys))
        except TypeError:
            raise BadData("a key is not hashable") from None

    def length(self) -> int:
        number: int = struct.unpack("<I", self.take(4))[0]
        if number > len(self.data) - self.at:
            raise BadData("a length beyond the end")
        return number

    def take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self.data):
            raise BadData("cut short")
        part = self.data[self.at : end]
        self.at = end
        return part
