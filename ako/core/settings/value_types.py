"""The types of settings: how each is read (`values`), and what the schema of a values file says of it.

The schema of a type takes exactly the values that its parser takes, but for what JSON Schema cannot say: what is inside
a text that is JSON, and in a certificate. That an empty value is none is added for whole keys (`schema`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, PlainValidator, SecretStr, WithJsonSchema

from ako.core.base.refs import NamespacedName
from ako.core.settings import patterns, values
from ako.core.settings.enabled import SIGNED, laid_on_default
from ako.core.settings.values import Endpoint


def _one_of(*arms: dict[str, Any]) -> WithJsonSchema:
    return WithJsonSchema({"anyOf": list(arms)})


def _text(*forms: str) -> list[dict[str, Any]]:
    return [{"type": "string", "pattern": form} for form in forms]


_MOST = values.LARGEST_TEXT_NUMBER
_NUMBER = {"type": "number", "multipleOf": 1, "minimum": -_MOST, "maximum": _MOST}
_COUNTED = {**_NUMBER, "minimum": 0}
_NULL = {"type": "null"}
_NOTHING = [*_text(patterns.NOTHING), _NULL]
_JSON_LIST = _text(patterns.JSON_LIST, patterns.NO_LIST)

Text = Annotated[str, BeforeValidator(values.read_text), _one_of({"type": ["string", "null"]}, _NUMBER)]
NetworkName = Annotated[Text, _one_of(*_text(patterns.SOMETHING), _NUMBER)]
"""A name that must not be empty, for the schema; the model that needs it refuses an empty one."""
Secret = Annotated[SecretStr, BeforeValidator(values.only_text), WithJsonSchema({"type": "string"})]
NamespaceFilter = Annotated[Text, AfterValidator(values.refuse_filter), _one_of(*_NOTHING)]
NetworkUuid = Annotated[Text, AfterValidator(values.refuse_uuid), _one_of(*_NOTHING)]
LowerText = Annotated[Text, AfterValidator(values.lower_case)]
Number = Annotated[int, BeforeValidator(values.read_whole_number)]
Flag = Annotated[bool, BeforeValidator(values.read_flag)]
Deliberate = Annotated[
    bool,
    BeforeValidator(values.read_plain_word),
    _one_of({"enum": [True, False, "true", "false"]}, *_text(patterns.whole("true", "false"))),
]
"""A boolean that deletes: exactly `true`, as AKO has it, or `false`."""
Words = Annotated[
    tuple[Text, ...],
    BeforeValidator(values.read_words),
    _one_of(
        {"type": "array", "items": {"anyOf": [{"type": ["string", "null"]}, _NUMBER]}},
        *_JSON_LIST,
        *_text(patterns.WORDS),
    ),
]
_UNSIGNED = [*_text(patterns.UNSIGNED_WORD), _NULL, _COUNTED]
EnabledPlugins = Annotated[
    tuple[Text, ...],
    BeforeValidator(values.read_words),
    AfterValidator(laid_on_default),
    _one_of(
        {"type": "array", "items": {"anyOf": _UNSIGNED}},
        {"type": "array", "items": {"anyOf": _text(patterns.whole(SIGNED))}},
        *_JSON_LIST,
        *_text(patterns.UNSIGNED_WORDS, patterns.words_of(SIGNED)),
    ),
]
LabelKey = Annotated[Text, AfterValidator(values.check_label_key), _one_of(*_text(patterns.LABEL_KEY), _COUNTED)]
LabelValue = Annotated[Text, AfterValidator(values.check_label_value), _one_of(*_text(patterns.LABEL_VALUE), _COUNTED)]
Namespaces = Annotated[
    tuple[Annotated[Text, AfterValidator(values.check_namespace)], ...],
    BeforeValidator(values.read_words),
    _one_of(
        {"type": "array", "items": {"anyOf": [*_text(patterns.NAMESPACE), _COUNTED]}},
        *_JSON_LIST,
        *_text(patterns.NAMESPACES),
    ),
]
SourceNames = Annotated[
    Literal["auto"] | tuple[Text, ...],
    BeforeValidator(values.read_source_names),
    _one_of(
        {"enum": ["auto"]},
        {"type": "array", "minItems": 1, "items": {"anyOf": [{"type": ["string", "null"]}, _NUMBER]}},
        *_text(values.AUTO_SOURCES, patterns.JSON_LIST, patterns.SOME_WORDS),
    ),
]
ClusterName = Annotated[
    Text, AfterValidator(values.check_cluster_name), _one_of(*_text(patterns.CLUSTER_NAME), _NUMBER)
]
ControllerVersion = Annotated[Text, AfterValidator(values.check_version), _one_of(*_text(patterns.SUPPORTED_VERSION))]
Address = Annotated[Text, AfterValidator(values.check_address), _one_of(*_text(patterns.ADDRESS))]
_NETWORK_FORMS: list[dict[str, Any]] = [*_text(patterns.NETWORK), *_NOTHING]
Network = Annotated[Text, AfterValidator(values.read_network), _one_of(*_NETWORK_FORMS)]
Networks = Annotated[
    tuple[Network, ...],
    BeforeValidator(values.from_json),
    _one_of({"type": "array", "items": {"anyOf": _NETWORK_FORMS}}, *_JSON_LIST, _NULL),
]
Certificates = Annotated[
    str,
    AfterValidator(values.check_certificates),
    _one_of(*_text(patterns.PEM)),
]
ShardSize = Annotated[
    Literal["LARGE", "MEDIUM", "SMALL"] | int,
    BeforeValidator(values.read_shard_size),
    _one_of({"enum": [*values.SHARD_COUNTS]}, {"type": "integer", "minimum": 1, "maximum": values.MOST_SHARDS}),
]
ServiceType = Annotated[
    Literal["ClusterIP", "NodePort"], values.choice("ClusterIP", "NodePort"), BeforeValidator(values.refuse_local)
]
ControllerEndpoint = Annotated[
    Endpoint | None, PlainValidator(values.parse_endpoint), _one_of(*_text(patterns.ENDPOINT))
]
DriftSetting = Annotated[
    values.DriftPolicy,
    PlainValidator(values.read_drift_policy),
    _one_of(
        {"enum": [*values.DRIFT_ACTIONS]},
        *_text(patterns.JSON_MAPPING),
        {
            "type": "object",
            "patternProperties": {values.AVI_KIND: {"type": "string", "pattern": values.DRIFT_ACTION}},
            "additionalProperties": False,
        },
    ),
]
SecretReference = Annotated[
    NamespacedName | None,
    PlainValidator(values.read_secret_reference),
    _one_of(*_text(patterns.SECRET_REFERENCE)),
]
