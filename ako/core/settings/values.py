"""The values behind single settings: what their texts mean and which texts are refused.

A parser raises ValueError with a reason and a remedy; the loader adds key, origin, value and the allowed values.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Annotated, Literal, NamedTuple, cast
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BeforeValidator, PlainValidator, WithJsonSchema

from ako.core.base.avi_version import OLDEST_SUPPORTED, parse_version
from ako.core.base.refs import NamespacedName
from ako.core.model import OWNED_TYPES

SHARD_COUNTS: Mapping[str, int] = {"LARGE": 8, "MEDIUM": 4, "SMALL": 1}
_MOST_SHARDS = 64

_CLUSTER_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?")
_KUBERNETES_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_LABEL_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_DEFAULT_PORTS: Mapping[str, int] = {"http": 80, "https": 443}


DriftAction = Literal["repair", "report"]
_DRIFT_ACTIONS = ("repair", "report")
_AVI_KINDS = frozenset({owned.avi_type for owned in OWNED_TYPES} | {"vrfcontext", "serviceenginegroup"})
"""What we create, and what we keep static routes and our label in."""


class DriftPolicy(NamedTuple):
    """What is done about an Avi object that somebody else changed: one action for all kinds, other ones for some."""

    default: DriftAction = "repair"
    by_kind: tuple[tuple[str, DriftAction], ...] = ()

    def action(self, kind: str) -> DriftAction:
        """Give the action for an Avi kind such as `pool`."""
        return dict(self.by_kind).get(kind, self.default)


class Endpoint(NamedTuple):
    """Where the Avi Controller answers; an IPv6 host is without brackets."""

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """Give `host` or `host:port`, the default port of the scheme left out, an IPv6 host in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.netloc}"


class SecretInValueError(ValueError):
    """The value is refused and must not be repeated in a report."""


def parse_endpoint(given: object) -> Endpoint | None:
    """Read `host`, `host:port` or an http(s) URL; None for no controller."""
    if given is None or isinstance(given, Endpoint):
        return given
    text = str(given).strip()
    parts = urlsplit(text if "://" in text else f"https://{_bracketed(text)}")
    if "@" in parts.netloc:
        raise SecretInValueError("must not carry a user name or password: they belong into avicredentials")
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError("the scheme must be http or https")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("must not have a path, a query or a fragment")
    return Endpoint(parts.scheme, _host(parts), _port(parts))


def _bracketed(text: str) -> str:
    """Put a bare IPv6 address into brackets, so that its last group is not taken for a port."""
    return f"[{text}]" if _is_address(text) and ":" in text else text


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not _is_address(host) and not _HOST.fullmatch(host):
        raise ValueError("there is no host name or IP address in it")
    return host


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("the port must be a number from 1 to 65535")
    return port or _DEFAULT_PORTS[parts.scheme]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _cluster_name(name: str) -> str:
    if not _CLUSTER_NAME.fullmatch(name):
        raise ValueError("must not be empty and may have letters, digits, `-` and `_` only")
    if "--" in name or name.endswith("-"):
        raise ValueError(
            "must not contain `--` nor end with `-`: `--` ends the cluster's name in the names of Avi objects, "
            "so it could own the objects of another cluster"
        )
    return name


def _controller_version(version: str) -> str:
    if not version:
        return version
    if parse_version(version) < parse_version(OLDEST_SUPPORTED):
        raise ValueError("is too old: raise it, or leave it empty to use the version of the Avi Controller")
    return version


def _address(text: str) -> str:
    if text and not _is_address(text):
        raise ValueError("is not an IP address")
    return text


def _network(text: str) -> str:
    try:
        return str(ip_network(text, strict=False)) if text else text
    except ValueError:
        raise ValueError("is not a network such as 10.1.0.0/16") from None


def _certificates(text: str) -> str:
    if not text:
        return text
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError, TypeError):  # the last of a text that is no ASCII
        raise ValueError("holds no certificate in PEM form (-----BEGIN CERTIFICATE----- …)") from None
    return text


def _secret_reference(given: object) -> NamespacedName | None:
    if given is None or isinstance(given, NamespacedName):
        return given
    parts = str(given).split("/")
    if len(parts) != 2 or not all(_KUBERNETES_NAME.fullmatch(part) for part in parts):
        raise ValueError("must name a Secret with its namespace")
    return NamespacedName(*parts)


def _shard_size(given: object) -> object:
    if isinstance(given, str):
        name = given.strip().upper()
        if name == "DEDICATED":
            raise ValueError("a virtual service per host is not supported yet")
        if name in SHARD_COUNTS:
            return name
        given = int(name) if name.isdecimal() else 0
    if isinstance(given, int) and not isinstance(given, bool) and 1 <= given <= _MOST_SHARDS:
        return given
    raise ValueError("is no size of the set of shared virtual services")


def _service_type(given: object) -> object:
    if isinstance(given, str) and given.lower() == "nodeportlocal":
        raise ValueError("NodePortLocal is not supported yet")
    return given


def _no_filter(text: str) -> str:
    if text:
        raise ValueError(
            "is not supported, and the other namespaces would be served: remove it, and select the namespace by its "
            "label kubernetes.io/metadata.name (AKOSettings.namespaceSelector)"
        )
    return text


def _label_key(text: str) -> str:
    prefix, slash, name = text.rpartition("/")
    if text and not (_LABEL_NAME.fullmatch(name) and (_is_kubernetes_name(prefix, 253) or not slash)):
        raise ValueError("is no key of a label, so that no namespace would be served")
    return text


def _label_value(text: str) -> str:
    if text and not _LABEL_NAME.fullmatch(text):
        raise ValueError("is no value of a label, so that no namespace would be served")
    return text


def _namespace(name: str) -> str:
    if "." in name or not _is_kubernetes_name(name, 63):
        raise ValueError("is no name of a namespace (patterns are not understood), so that none would be blocked")
    return name


def _is_kubernetes_name(text: str, most: int) -> bool:
    return len(text) <= most and _KUBERNETES_NAME.fullmatch(text) is not None


def _no_uuid(text: str) -> str:
    if text:
        raise ValueError("a network is named by its name here: give networkName instead")
    return text


def _shared_tenant(given: bool) -> bool:
    if given:
        raise ValueError("cloud objects in another tenant than the rest are not supported yet")
    return given


def choice(*names: str) -> BeforeValidator:
    """Give a validator that takes one of some words, whatever their case, and gives it as spelled here."""
    words = {name.lower(): name for name in names}

    def parse(given: object) -> object:
        word = words.get(given.strip().lower()) if isinstance(given, str) else None
        if word is None:
            raise ValueError("is not known")
        return word

    return BeforeValidator(parse)


def _no_boolean(given: object) -> object:
    """Refuse booleans for numbers: `true` for 1 is a slip, never a wish."""
    if isinstance(given, bool):
        raise ValueError("must be a whole number")  # noqa: TRY004 - pydantic collects ValueError
    return given


_PLAIN_WORDS = {"true": True, "false": False}


def _plain_word(given: object) -> object:
    """Take `true` and `false` and nothing that may have been meant otherwise, such as `1` or `on`."""
    read = _PLAIN_WORDS.get(given.strip()) if isinstance(given, str) else given
    if not isinstance(read, bool):
        raise ValueError("is neither true nor false")  # noqa: TRY004 - pydantic collects ValueError
    return read


def from_json(given: object) -> object:
    """Read the JSON text that ConfigMaps, variables and flags carry instead of a list or mapping."""
    if isinstance(given, str) and given.strip() == "null":  # AKO's chart makes this of an absent list
        return ()
    if isinstance(given, str) and given.lstrip()[:1] in {"[", "{"}:
        try:
            return json.loads(given)
        except ValueError as error:
            raise ValueError(f"is not valid JSON: {error}") from None
    return given


def _words(given: object) -> object:
    """Read a list of words from `a, b` or `["a", "b"]`."""
    read = from_json(given)
    return [word.strip() for word in read.split(",") if word.strip()] if isinstance(read, str) else read


def _source_names(given: object) -> object:
    if isinstance(given, str) and given.strip().lower() in {"auto", "null"}:
        return "auto"
    names = _words(given)
    if not names:
        raise ValueError("names no plugin, so that nothing would be served")
    return names


def _drift_policy(given: object) -> DriftPolicy:
    if isinstance(given, DriftPolicy):
        return given
    read = from_json(given)
    if isinstance(read, Mapping):
        return DriftPolicy(by_kind=tuple(sorted((_avi_kind(kind), _drift_action(word)) for kind, word in read.items())))
    return DriftPolicy(default=_drift_action(read))


def _avi_kind(name: object) -> str:
    kind = str(name).lower()
    if kind not in _AVI_KINDS:
        raise ValueError(f"{name} is no kind of Avi object that we write; these are {', '.join(sorted(_AVI_KINDS))}")
    return kind


def _drift_action(word: object) -> DriftAction:
    action = word.strip().lower() if isinstance(word, str) else word
    if action not in _DRIFT_ACTIONS:
        raise ValueError("is neither `repair` nor `report`")
    return cast("DriftAction", action)


def _stripped(given: object) -> object:
    return given.strip() if isinstance(given, str) else given


def _lower(text: str) -> str:
    """Give a text in lower case; what a built-in takes, pydantic would have to find out in its documentation."""
    return text.lower()


Text = Annotated[str, BeforeValidator(_stripped)]
NamespaceFilter = Annotated[Text, AfterValidator(_no_filter)]
NetworkUuid = Annotated[Text, AfterValidator(_no_uuid)]
LowerText = Annotated[Text, AfterValidator(_lower)]
Number = Annotated[int, BeforeValidator(_no_boolean)]
Deliberate = Annotated[bool, BeforeValidator(_plain_word), WithJsonSchema({"enum": [True, False, "true", "false"]})]
"""A boolean that deletes: exactly `true`, as AKO has it, or `false`."""
OwnTenant = Annotated[bool, AfterValidator(_shared_tenant)]
Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
LabelKey = Annotated[Text, AfterValidator(_label_key)]
LabelValue = Annotated[Text, AfterValidator(_label_value)]
Namespaces = Annotated[tuple[Annotated[Text, AfterValidator(_namespace)], ...], BeforeValidator(_words)]
SourceNames = Annotated[Literal["auto"] | tuple[str, ...], BeforeValidator(_source_names)]
ClusterName = Annotated[Text, AfterValidator(_cluster_name)]
ControllerVersion = Annotated[Text, AfterValidator(_controller_version)]
Address = Annotated[Text, AfterValidator(_address)]
Network = Annotated[Text, AfterValidator(_network)]
Certificates = Annotated[str, AfterValidator(_certificates)]
ShardSize = Annotated[Literal["LARGE", "MEDIUM", "SMALL"] | int, BeforeValidator(_shard_size)]
ServiceType = Annotated[
    Literal["ClusterIP", "NodePort"], choice("ClusterIP", "NodePort"), BeforeValidator(_service_type)
]
ControllerEndpoint = Annotated[Endpoint | None, PlainValidator(parse_endpoint), WithJsonSchema({"type": "string"})]
DriftSetting = Annotated[
    DriftPolicy,
    PlainValidator(_drift_policy),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": list(_DRIFT_ACTIONS)},
                {"type": "object", "additionalProperties": {"enum": list(_DRIFT_ACTIONS)}},
            ]
        }
    ),
]
SecretReference = Annotated[
    NamespacedName | None, PlainValidator(_secret_reference), WithJsonSchema({"type": "string"})
]


def shard_count(size: Literal["LARGE", "MEDIUM", "SMALL"] | int) -> int:
    """Give the number of shared virtual services that a size stands for."""
    return size if isinstance(size, int) else SHARD_COUNTS[size]
