"""The text that ConfigMaps and Secrets hold, for the settings; both kinds of cluster read it here."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping

import msgspec
from msgspec import Struct

from ako.core.kube.errors import KubeError
from ako.typed_json import reader


class _Metadata(Struct, frozen=True):
    name: str = ""
    namespace: str = ""


class _TextObject(Struct, frozen=True, rename="camel"):
    metadata: _Metadata = _Metadata()
    data: dict[str, str] | None = None
    string_data: dict[str, str] | None = None


_decode_text_object = reader(_TextObject).decode


def config_map_data(raw: bytes) -> Mapping[str, str]:
    """Give the `data` of a ConfigMap.

    Raises:
        KubeError: a value is not a text.
    """
    return _decoded("ConfigMap", raw).data or {}


def secret_data(raw: bytes) -> Mapping[str, str]:
    """Give the `data` of a Secret, decoded; `stringData` of a manifest comes over it, as on an API server.

    Raises:
        KubeError: a value is not base64 of UTF-8 text; the error names the key, never the value.
    """
    secret = _decoded("Secret", raw)
    return decoded_entries(f"{secret.metadata.namespace}/{secret.metadata.name}", secret.data, secret.string_data)


def decoded_entries(
    name: str, data: Mapping[str, str] | None, string_data: Mapping[str, str] | None
) -> Mapping[str, str]:
    """Give the entries of the Secret of a name as texts.

    Raises:
        KubeError: a value is not base64 of UTF-8 text; the error names the key, never the value.
    """
    decoded = {key: _from_base64(name, key, value) for key, value in (data or {}).items()}
    return {**decoded, **(string_data or {})}


def _decoded(kind: str, raw: bytes) -> _TextObject:
    try:
        return _decode_text_object(raw)
    except msgspec.DecodeError as error:
        raise KubeError(f"{kind} cannot be read: {error}") from error


def _from_base64(name: str, key: str, value: str) -> str:
    try:
        return b64decode("".join(value.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        # Without the cause: its text may quote the secret.
        raise KubeError(f"Secret {name}: data.{key} is not base64 of UTF-8 text") from None
