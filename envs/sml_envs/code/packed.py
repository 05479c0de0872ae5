"""Texts packed as base64 of zlib of pickle, unpacked without running what a pickle can run.

LiveCodeBench publishes its private tests so. A pickle is a program; here only pickles that do nothing but
push one text are accepted, by reading their instructions.
"""

from __future__ import annotations

import base64
import binascii
import pickletools
import zlib

MOST_BYTES = 256 * 2**20
"""Longer contents are refused."""

_TEXTS = frozenset(("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"))
_SILENT = frozenset(("PROTO", "FRAME", "MEMOIZE", "BINPUT", "LONG_BINPUT", "PUT"))


def unpack(packed: str) -> str:
    """The text in a packed field.

    Raises `ValueError`, with what to do, if it is anything but a packed text.
    """
    try:
        raw = base64.b64decode(packed, validate=True)
        unzipping = zlib.decompressobj()
        pickled = unzipping.decompress(raw, MOST_BYTES)
    except (binascii.Error, ValueError, zlib.error) as exc:
        raise ValueError(f"the packed tests cannot be unpacked ({exc}); download the set again") from None
    if unzipping.unconsumed_tail:
        raise ValueError(f"the packed tests hold more than {MOST_BYTES} bytes; leave this row out")
    text: str | None = None
    try:
        for instruction, argument, _ in pickletools.genops(pickled):
            if instruction.name in _TEXTS and text is None:
                text = str(argument)
            elif instruction.name == "STOP" and text is not None:
                return text
            elif instruction.name not in _SILENT:
                break
    except Exception as exc:  # pickletools raises many kinds on what is no pickle
        raise ValueError(f"the packed tests are no pickled text ({exc}); download the set again") from None
    raise ValueError(
        "the packed tests are a pickle of something else than one text, which is never loaded; "
        "give the tests as JSON"
    )
