"""The keys that only the chart reads, with what each may be: of our chart, and of AKO's about its own deployment.

Each has a JSON schema. It is part of the schema of a values file, and the program judges files by the same one
(`wrong_with`), so that a file that helm refuses is no good file for the program either, and the other way round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

Schema = Mapping[str, Any]

_TEXT: Schema = {"type": ["string", "null"]}
_WORD: Schema = {"type": ["string", "number", "null"]}
_SWITCH: Schema = {"type": ["boolean", "null"]}
_SECONDS: Schema = {"type": ["integer", "null"], "minimum": 0}
_COUNT: Schema = {
    "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": "^[0-9]+%?$"}, {"type": "null"}]
}
_ANY: Schema = {}
_OBJECT: Schema = {"type": ["object", "null"]}
_OBJECTS: Schema = {"type": ["array", "null"], "items": {"type": "object"}}
_TEXTS: Schema = {"type": ["object", "null"], "additionalProperties": {"type": ["string", "null"]}}
_NAMED: Schema = {
    "type": ["array", "null"],
    "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "minLength": 1}}},
}
_PULL_SECRETS: Schema = {
    "type": ["array", "null"],
    "items": {
        "anyOf": [{"type": "string", "minLength": 1}, {"type": "object", "properties": {"name": {"type": "string"}}}]
    },
}


def _section(**properties: Schema) -> Schema:
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": False}


_PROBE: Schema = _section(
    enabled=_SWITCH,
    initialDelaySeconds=_SECONDS,
    periodSeconds=_SECONDS,
    timeoutSeconds=_SECONDS,
    failureThreshold=_SECONDS,
    successThreshold=_SECONDS,
)
_MONITOR: Schema = _section(enabled=_SWITCH, interval=_TEXT, scrapeTimeout=_TEXT, labels=_TEXTS)
_LABELLED: Schema = _section(enabled=_SWITCH, labels=_TEXTS)


class ChartKey(NamedTuple):
    """A key at the top of a values file that the program does not read.

    Attributes:
        schema: what it may be.
        description: what the chart does with it.
    """

    schema: Schema
    description: str


CHART_KEYS: Mapping[str, ChartKey] = {
    "affinity": ChartKey(_OBJECT, "Affinity of the pods."),
    "enabled": ChartKey(_SWITCH, "Whether a chart that has this one below it installs it; helm reads it."),
    "existingSecret": ChartKey(_TEXT, "Name of a Secret with the credentials, instead of one made of avicredentials."),
    "extraEnv": ChartKey(_NAMED, "Further variables of the container."),
    "extraVolumeMounts": ChartKey(_NAMED, "Further mounts of the container."),
    "extraVolumes": ChartKey(_NAMED, "Further volumes of the pods."),
    "fullnameOverride": ChartKey(
        _TEXT, "Has no effect: the names of the objects are fixed, as the program looks for them."
    ),
    "grafanaDashboard": ChartKey(_LABELLED, "A ConfigMap with the dashboard, for Grafana's sidecar."),
    "image": ChartKey(
        _section(
            repository=_TEXT,
            tag=_WORD,
            digest=_TEXT,
            pullPolicy={"enum": ["Always", "IfNotPresent", "Never", "", None]},
            pullSecrets=_PULL_SECRETS,
        ),
        "Where the image comes from.",
    ),
    "imagePullSecrets": ChartKey(_PULL_SECRETS, "Secrets to pull the image with."),
    "ingressClass": ChartKey(_section(create=_SWITCH), "Whether the IngressClass is created."),
    "nameOverride": ChartKey(_TEXT, "Name of the chart in labels."),
    "networkPolicy": ChartKey(
        _section(enabled=_SWITCH, ingressFrom=_OBJECTS, egress=_OBJECTS), "Who may talk to the pods, and they to whom."
    ),
    "nodeSelector": ChartKey(_TEXTS, "Labels of the nodes that the pods run on."),
    "podAnnotations": ChartKey(_TEXTS, "Annotations of the pods."),
    "podDisruptionBudget": ChartKey(
        _section(enabled=_SWITCH, maxUnavailable=_COUNT), "How many pods may be away at a time."
    ),
    "podLabels": ChartKey(_TEXTS, "Further labels of the pods."),
    "podMonitor": ChartKey(_MONITOR, "A PodMonitor for the Prometheus operator."),
    "podManagementPolicy": ChartKey(
        {"enum": ["Parallel", "OrderedReady", "", None]}, "How pods follow each other; empty: as it is there already."
    ),
    "podSecurityContext": ChartKey(_OBJECT, "Security context of the pods."),
    "priorityClassName": ChartKey(_TEXT, "Priority class of the pods."),
    "probes": ChartKey(_section(startup=_PROBE, readiness=_PROBE, liveness=_PROBE), "Numbers of the probes."),
    "prometheusRule": ChartKey(
        _section(enabled=_SWITCH, labels=_TEXTS, runbookUrl=_TEXT), "The alerts, for the Prometheus operator."
    ),
    "rbac": ChartKey(
        _section(
            create=_SWITCH,
            pspEnable={"type": ["boolean", "string", "null"]},
            extraRules=_OBJECTS,
            extraClusterRules=_OBJECTS,
        ),
        "Whether roles are created, and what plugins of others need beside; pod security policies, which pspEnable was "
        "for, are no more.",
    ),
    "resources": ChartKey(
        _section(
            limits={"type": ["object", "null"], "additionalProperties": _WORD},
            requests={"type": ["object", "null"], "additionalProperties": _WORD},
            claims=_NAMED,
        ),
        "CPU and memory of the container.",
    ),
    "securityContext": ChartKey(_OBJECT, "Security context of the container."),
    "serviceAccount": ChartKey(
        _section(create=_SWITCH, name=_TEXT, annotations=_TEXTS), "The ServiceAccount of the pods."
    ),
    "serviceMonitor": ChartKey(_MONITOR, "A ServiceMonitor for the Prometheus operator."),
    "terminationGracePeriodSeconds": ChartKey(_SECONDS, "Seconds that a pod has to end."),
    "tolerations": ChartKey(_OBJECTS, "Taints that the pods tolerate."),
    "topologySpreadConstraints": ChartKey(_OBJECTS, "How the pods are spread."),
    # of AKO's chart, and of helm itself: nothing here reads them
    "GatewayAPI": ChartKey(_OBJECT, "Of AKO: the container for the Gateway API, which there is none of here."),
    "ako-crd-operator": ChartKey(_OBJECT, "Of AKO: a chart below its own, which there is none of here."),
    "akoGatewayLogFile": ChartKey(_TEXT, "Of AKO: a log file; logs go to the standard output here."),
    "featureGates": ChartKey(_OBJECT, "Of AKO: the Gateway API is not supported, and metrics are always served."),
    "global": ChartKey(_ANY, "Helm gives it to every chart."),
    "logFile": ChartKey(_TEXT, "Of AKO: a log file; logs go to the standard output here."),
    "mountPath": ChartKey(_TEXT, "Of AKO: where its log files are; logs go to the standard output here."),
    "persistentVolumeClaim": ChartKey(_TEXT, "Of AKO: a volume for log files; logs go to the standard output here."),
    "service": ChartKey(
        {**_OBJECT, "properties": {"type": _TEXT, "port": _WORD}}, "The Service of health, metrics and status."
    ),
}
"""Key at the top of a values file → what the chart does with it."""


def wrong_with(schema: Schema, value: object, at: str) -> Iterator[tuple[str, object, str]]:
    """Give each part of a value that its schema does not allow: its dotted key, what it is, and what is wrong."""
    if "anyOf" in schema:
        if all(any(wrong_with(arm, value, at)) for arm in schema["anyOf"]):
            yield at, value, "is none of the values it may be"
    elif "enum" in schema and not any(
        value is one or (value == one and isinstance(one, str)) for one in schema["enum"]
    ):
        yield at, value, f"must be one of {', '.join(filter(None, schema['enum']))}"
    elif "type" in schema and not any(_is(value, one) for one in _kinds(schema)):
        yield at, value, f"must be {' or '.join(_CALLED[one] for one in _kinds(schema) if one != 'null')}"
    elif isinstance(value, str):
        yield from _wrong_text(schema, value, at)
    elif isinstance(value, Mapping):
        yield from _wrong_parts(schema, value, at)
    elif isinstance(value, list):
        for rank, item in enumerate(value):
            yield from wrong_with(schema.get("items", _ANY), item, f"{at}.{rank}")
    elif isinstance(value, int | float) and value < schema.get("minimum", value):
        yield at, value, "is too small"


_CALLED: Mapping[str, str] = {
    "string": "a text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false, without quotes",
    "object": "a mapping",
    "array": "a list",
}


def _kinds(schema: Schema) -> list[str]:
    kinds = schema["type"]
    return [kinds] if isinstance(kinds, str) else kinds


def _is(value: object, kind: str) -> bool:
    match kind:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str)
        case "object":
            return isinstance(value, Mapping)
        case "array":
            return isinstance(value, list)
        case "integer":
            whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
            return whole and not isinstance(value, bool)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _wrong_text(schema: Schema, value: str, at: str) -> Iterator[tuple[str, object, str]]:
    if len(value) < schema.get("minLength", 0):
        yield at, value, "must not be empty"
    elif "pattern" in schema and not re.fullmatch(schema["pattern"], value):
        yield at, value, "is not written as it has to be"


def _wrong_parts(schema: Schema, value: Mapping[Any, Any], at: str) -> Iterator[tuple[str, object, str]]:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", _ANY)
    for name in schema.get("required", ()):
        if name not in value:
            yield f"{at}.{name}", None, "is missing"
    for name, part in value.items():
        if name not in known and others is False:
            yield f"{at}.{name}", None, f"unknown key; allowed: {', '.join(known)}"
        else:
            yield from wrong_with(known.get(name, others), part, f"{at}.{name}")
