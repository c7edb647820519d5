"""The values behind single settings: what their texts mean and which texts are refused.

A parser raises ValueError with a reason and a remedy; the loader adds key, origin, value and the allowed values.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Literal, NamedTuple, cast
from urllib.parse import SplitResult, urlsplit

from pydantic import BeforeValidator

from ako.core.base.avi_version import OLDEST_SUPPORTED, parse_version
from ako.core.base.refs import NamespacedName
from ako.core.model import WRITTEN_TYPES
from ako.core.settings import patterns
from ako.core.settings.patterns import BLANKS, matches

SHARD_COUNTS: Mapping[str, int] = {"LARGE": 8, "MEDIUM": 4, "SMALL": 1}
MOST_SHARDS = 64
LONGEST = 2**31 - 1
"""The largest number of a setting; of seconds these are 68 years."""

_DEFAULT_PORTS: Mapping[str, int] = {"http": 80, "https": 443}


DriftAction = Literal["repair", "report"]
DRIFT_ACTIONS = ("repair", "report")
_AVI_KINDS = frozenset({owned.avi_type for owned in WRITTEN_TYPES} | {"vrfcontext", "serviceenginegroup"})
"""What we create, or plugins do, and what we keep static routes and our label in."""


AVI_KIND = f"^(?:{patterns.any_case(sorted(_AVI_KINDS))})$"
DRIFT_ACTION = patterns.whole(patterns.any_case(DRIFT_ACTIONS))
AUTO_SOURCES = patterns.whole(patterns.any_case(["auto", "null"]))
LARGEST_TEXT_NUMBER = 999_999
"""What helm writes with all its digits; of a larger number its templates make 1e+06."""


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
    if not isinstance(given, str):
        raise ValueError("is not a text (put it into quotes)")  # noqa: TRY004 - pydantic collects ValueError
    text = given.strip(BLANKS)
    parts = urlsplit(text if "://" in text else f"https://{_bracketed(text)}")
    if "@" in parts.netloc:
        raise SecretInValueError("must not carry a user name or password: they belong into avicredentials")
    if parts.scheme not in _DEFAULT_PORTS:
        raise ValueError("the scheme must be http or https")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("must not have a path, a query or a fragment")
    endpoint = Endpoint(parts.scheme, _host(parts), _port(parts))
    if not matches(patterns.ENDPOINT, text):  # the library takes line breaks out, for one
        raise ValueError("there is no host name or IP address in it")
    return endpoint


def _bracketed(text: str) -> str:
    """Put a bare IPv6 address into brackets, so that its last group is not taken for a port."""
    return f"[{text}]" if _is_address(text) and ":" in text else text


def _host(parts: SplitResult) -> str:
    host = parts.hostname or ""
    if not host:
        raise ValueError("there is no host name or IP address in it")
    return host


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0 or parts.netloc.endswith(":"):
        raise ValueError("the port must be a number from 1 to 65535")
    return port or _DEFAULT_PORTS[parts.scheme]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def check_cluster_name(name: str) -> str:
    """Refuse what could be taken for another cluster's name."""
    if matches(patterns.CLUSTER_NAME, name):
        return name
    if "--" in name or name.endswith("-"):
        raise ValueError(
            "must not contain `--` nor end with `-`: `--` ends the cluster's name in the names of Avi objects, "
            "so it could own the objects of another cluster"
        )
    raise ValueError("must not be empty and may have letters, digits, `-` and `_` only")


def check_version(version: str) -> str:
    """Refuse what is no version of the Avi Controller, or one that is too old."""
    if not version:
        return version
    if not matches(patterns.VERSION, version):
        raise ValueError(f"is not a version of the Avi Controller, such as {OLDEST_SUPPORTED}")
    if parse_version(version) < parse_version(OLDEST_SUPPORTED):
        raise ValueError("is too old: raise it, or leave it empty to use the version of the Avi Controller")
    return version


def check_address(text: str) -> str:
    """Refuse what is no IP address."""
    if text and not matches(patterns.ADDRESS, text):
        raise ValueError("is not an IP address")
    return text


def read_network(text: str) -> str:
    """Give a network in its canonical form."""
    if text and not matches(patterns.NETWORK, text):
        raise ValueError("is not a network such as 10.1.0.0/16")
    return str(ip_network(text, strict=False)) if text else text


def check_certificates(text: str) -> str:
    """Refuse what holds no certificate."""
    if not text:
        return text
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, ValueError, TypeError):  # the last of a text that is no ASCII
        raise ValueError("holds no certificate in PEM form (-----BEGIN CERTIFICATE----- …)") from None
    return text


def read_secret_reference(given: object) -> NamespacedName | None:
    """Read `<namespace>/<secret>`."""
    if given is None or isinstance(given, NamespacedName):
        return given
    if not isinstance(given, str) or not matches(patterns.SECRET_REFERENCE, given):
        raise ValueError("must name a Secret with its namespace")
    return NamespacedName(*given.strip(BLANKS).split("/"))


def read_shard_size(given: object) -> object:
    """Read one of the three sizes, or a number."""
    if isinstance(given, str) and matches(patterns.whole(patterns.any_case(SHARD_COUNTS)), given):
        return given.strip(BLANKS).upper()
    if isinstance(given, str) and given.strip(BLANKS).upper() == "DEDICATED":
        raise ValueError("a virtual service per host is not supported yet")
    given = read_whole_number(given)
    if isinstance(given, int) and 1 <= given <= MOST_SHARDS:
        return given
    raise ValueError("is no size of the set of shared virtual services")


def refuse_local(given: object) -> object:
    """Say of a type of AKO's that it is not there."""
    if isinstance(given, str) and given.lower() == "nodeportlocal":
        raise ValueError("NodePortLocal is not supported yet")
    return given


def refuse_filter(text: str) -> str:
    """Refuse the name of a namespace as a filter."""
    if text:
        raise ValueError(
            "is not supported, and the other namespaces would be served: remove it, and select the namespace by its "
            "label kubernetes.io/metadata.name (AKOSettings.namespaceSelector)"
        )
    return text


def check_label_key(text: str) -> str:
    """Refuse what is no key of a label."""
    if text and not matches(patterns.LABEL_KEY, text):
        raise ValueError("is no key of a label, so that no namespace would be served")
    return text


def check_label_value(text: str) -> str:
    """Refuse what is no value of a label."""
    if text and not matches(patterns.LABEL_VALUE, text):
        raise ValueError("is no value of a label, so that no namespace would be served")
    return text


def check_namespace(name: str) -> str:
    """Refuse what is no name of a namespace."""
    if not matches(patterns.NAMESPACE, name):
        raise ValueError("is no name of a namespace (patterns are not understood), so that none would be blocked")
    return name


def refuse_uuid(text: str) -> str:
    """Refuse the UUID of a network."""
    if text:
        raise ValueError("a network is named by its name here: give networkName instead")
    return text


def choice(*names: str) -> BeforeValidator:
    """Give a validator that takes one of some words, whatever their case, and gives it as spelled here."""
    words, pattern = {name.lower(): name for name in names}, patterns.whole(patterns.any_case(names))

    def parse(given: object) -> object:
        if not isinstance(given, str) or not matches(pattern, given):
            raise ValueError("is not known")
        return words[given.strip(BLANKS).lower()]

    return BeforeValidator(parse)


def read_whole_number(given: object) -> object:
    """Read a number from a text, and refuse booleans for numbers: `true` for 1 is a slip, never a wish."""
    if isinstance(given, bool):
        raise ValueError("must be a whole number")  # noqa: TRY004 - pydantic collects ValueError
    if isinstance(given, float) and given.is_integer():
        return int(given)
    if not isinstance(given, str):
        return given
    if not matches(patterns.WHOLE_NUMBER, given):
        raise ValueError("is not a whole number")
    digits = given.strip(BLANKS)
    return int(digits) if len(digits) < 4000 else int(f"{digits[:1]}{'9' * 30}")  # Python reads no longer ones


def read_flag(given: object) -> object:
    """Read a boolean from `true`, `yes`, `on`, `t`, `y`, `1` and their opposites, in any case."""
    if isinstance(given, str) and matches(patterns.FLAG, given):
        return given.strip(BLANKS).lower() in patterns.TRUE
    if given in (0, 1):
        return bool(given)
    raise ValueError("is neither true nor false")


_PLAIN_WORDS = {"true": True, "false": False}


def read_plain_word(given: object) -> object:
    """Take `true` and `false` and nothing that may have been meant otherwise, such as `1` or `on`."""
    read = _PLAIN_WORDS.get(given.strip(BLANKS)) if isinstance(given, str) else given
    if not isinstance(read, bool):
        raise ValueError("is neither true nor false")  # noqa: TRY004 - pydantic collects ValueError
    return read


def from_json(given: object) -> object:
    """Read the JSON text that ConfigMaps, variables and flags carry instead of a list or mapping."""
    if given is None or (isinstance(given, str) and matches(patterns.NO_LIST, given)):
        return ()
    if isinstance(given, str) and given.lstrip(BLANKS)[:1] in {"[", "{"}:
        try:
            return json.loads(given.strip(BLANKS))
        except ValueError as error:
            raise ValueError(f"is not valid JSON: {error}") from None
    return given


def read_words(given: object) -> object:
    """Read a list of words from `a, b` or `["a", "b"]`."""
    read = from_json(given)
    words = read.split(",") if isinstance(read, str) else ()
    return [word.strip(BLANKS) for word in words if word.strip(BLANKS)] if isinstance(read, str) else read


def read_source_names(given: object) -> object:
    """Read `auto`, or a list of names that is not empty."""
    if isinstance(given, str) and matches(AUTO_SOURCES, given):
        return "auto"
    names = read_words(given)
    if not names:
        raise ValueError("names no plugin, so that nothing would be served")
    return names


def read_drift_policy(given: object) -> DriftPolicy:
    """Read an action for all, or a mapping of Avi kinds to actions."""
    if isinstance(given, DriftPolicy):
        return given
    read = from_json(given)
    if isinstance(read, Mapping):
        return DriftPolicy(by_kind=tuple(sorted((_avi_kind(kind), _drift_action(word)) for kind, word in read.items())))
    return DriftPolicy(default=_drift_action(read))


def _avi_kind(name: object) -> str:
    kind = str(name).lower()
    if not matches(AVI_KIND, str(name)):
        raise ValueError(f"{name} is no kind of Avi object that we write; these are {', '.join(sorted(_AVI_KINDS))}")
    return kind


def _drift_action(word: object) -> DriftAction:
    if not isinstance(word, str) or not matches(DRIFT_ACTION, word):
        raise ValueError("is neither `repair` nor `report`")
    return cast("DriftAction", word.strip(BLANKS).lower())


def only_text(given: object) -> object:
    """Refuse a number for a secret: nobody knows how it was written."""
    if isinstance(given, int | float):
        raise ValueError("is not a text (put it into quotes)")  # noqa: TRY004 - pydantic collects ValueError
    return given


def read_text(given: object) -> object:
    """Take a text, a small whole number for its digits, and null for nothing."""
    if given is None:
        return ""
    if isinstance(given, str):
        return given.strip(BLANKS)
    if isinstance(given, bool) or not isinstance(given, int | float):
        return given
    if abs(given) <= LARGEST_TEXT_NUMBER and given == int(given):
        return str(int(given))
    raise ValueError("is not a text (put it into quotes)")


def lower_case(text: str) -> str:
    """Give a text in lower case; what a built-in takes, pydantic would have to find out in its documentation."""
    return text.lower()


def shard_count(size: Literal["LARGE", "MEDIUM", "SMALL"] | int) -> int:
    """Give the number of shared virtual services that a size stands for."""
    return size if isinstance(size, int) else SHARD_COUNTS[size]
