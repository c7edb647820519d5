"""Readers of JSON into records: whoever reads into one gets its reader here."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from msgspec.json import Decoder

T = TypeVar("T")

_making = threading.Lock()


def reader(shape: type[T], convert: Callable[[type, Any], Any] | None = None) -> Decoder[T]:
    """Make a reader of one record; safe to share between threads, and to be made on any of them.

    msgspec looks at the fields of a record when a reader of it is first made, and leaves what it has found so far
    where every other thread takes it for the whole: reading on meanwhile ends the process with a segmentation fault
    (seen with 0.22). So readers are made one at a time, and `decode(…, type=…)` and `convert`, which make one behind
    the scenes, are not used for records.

    Args:
        shape: the record; it and all it refers to stay as they are from now on.
        convert: turns a value into a type that JSON does not know, given that type and the value.
    """
    with _making:
        return Decoder(shape, dec_hook=convert)
