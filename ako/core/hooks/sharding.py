"""Host → shard: which shared virtual service serves a host that is not live yet."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

ShardHash = Callable[[str], int]


def md5(key: str) -> int:
    """Hash as the product FAQ documents it: the digest as one big-endian number."""
    return int.from_bytes(hashlib.md5(key.encode(), usedforsecurity=False).digest(), "big")


def fnv1a(key: str) -> int:
    """Hash as the Go program does (32-bit FNV-1a), needed to take over from it."""
    value = 0x811C9DC5
    for byte in key.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


HASHES: Mapping[str, ShardHash] = {"md5": md5, "fnv1a": fnv1a}


def shard_of(key: str, count: int, shard_hash: str) -> int:
    """Give the shard (0 ≤ shard < count) that a host, or a namespace, belongs to by formula."""
    return HASHES[shard_hash](key) % count
