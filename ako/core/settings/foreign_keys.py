"""Keys that are known but not used: of AKO's chart and ConfigMap, and older spellings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ako.core.settings.patterns import FALSE, NOTHING, TRUE, any_case, matches, whole

_LOGS = "logs go to the standard output, where the cluster collects them"
_GATEWAY = "the Gateway API is not supported: nothing is served for Gateways"


class Feature(NamedTuple):
    """A setting of AKO about something that is not there.

    Attributes:
        default: the value that asks for nothing, as text.
        variable: AKO's own variable for it; empty if there is none.
        is_refused: with any other value more would be served than is asked for, elsewhere or in another way, so that
            it must not be passed over.
        reason: why it is not supported.
    """

    default: str
    variable: str = ""
    is_refused: bool = True
    reason: str = ""

    def asks_for_nothing(self, value: object) -> bool:
        """Say whether a value is the default, in whatever way it is written."""
        words = _SAME.get(self.default)
        if words is None:
            return value in (None, [], {}) or (isinstance(value, str) and matches(_EMPTY, value))
        if isinstance(value, str):
            return matches(NOTHING, value) or matches(whole(any_case(words)), value)
        return value is None or (isinstance(value, int | float) and value == (words is TRUE))

    @property
    def schema(self) -> list[dict[str, Any]]:
        """Give the values that ask for nothing, besides the empty ones, as arms of a JSON schema."""
        words = _SAME.get(self.default)
        if words is None:
            return [{"type": ["array", "object"], "maxItems": 0, "maxProperties": 0}, _text(_EMPTY)]
        return [{"enum": [words is TRUE, int(words is TRUE)]}, _text(whole(any_case(words)))]


_SAME: Mapping[str, tuple[str, ...]] = {"false": FALSE, "true": TRUE}
_EMPTY = whole("", r"\[[ \t\n\r\f\v]*\]", r"\{[ \t\n\r\f\v]*\}", "null")


def _text(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": pattern}


def _idle(default: str, reason: str, variable: str = "") -> Feature:
    return Feature(default, variable, is_refused=False, reason=reason)


FEATURES: Mapping[str, Feature] = {
    "AKOSettings.GRBAC": _idle("false", "markers for roles are always written"),
    "AKOSettings.enableEVH": Feature("false", "ENABLE_EVH", reason="hosts are served as SNI children"),
    "AKOSettings.istioEnabled": Feature(
        "false", "ISTIO_ENABLED", reason="pools would be without Istio's certificates, and servers would refuse them"
    ),
    "AKOSettings.primaryInstance": Feature(
        "true", "PRIMARY_AKO_FLAG", reason="several programs would own the static routes of one cluster"
    ),
    "AKOSettings.servicesAPI": Feature("false", "SERVICES_API", reason="Gateways are not read"),
    "AKOSettings.useDefaultSecretsOnly": Feature(
        "false", "USE_DEFAULT_SECRETS_ONLY", reason="Secrets of Routes are read wherever they are"
    ),
    "AKOSettings.vipPerNamespace": Feature(
        "false", "VIP_PER_NAMESPACE", reason="the namespaces would share their addresses"
    ),
    "AKOSettings.vpcMode": Feature("false", "VPC_MODE", reason="objects would be placed outside of the VPC"),
    "ControllerSettings.dedicatedTenantMode": _idle(
        "false", "only the tenants that are worked in are asked for anyway", "DEDICATED_TENANT_MODE"
    ),
    "L4Settings.advancedL4": Feature(
        "false", "ADVANCED_L4", reason="Ingresses and Services would be served, and Gateways would not"
    ),
    "L7Settings.enableMCI": _idle("false", "multi-cluster Ingresses are not supported: none is served", "MCI_ENABLED"),
    "L7Settings.noPGForSNI": _idle("false", "every path has a pool group"),
    "NetworkSettings.bgpPeerLabels": Feature(
        "", "BGP_PEER_LABELS", reason="addresses would be announced to all BGP peers"
    ),
    "NetworkSettings.nsxtT1LR": Feature(
        "", "NSXT_T1_LR", reason="objects would be placed behind another tier-1 router"
    ),
    "featureGates.GatewayAPI": _idle("false", _GATEWAY),
    "persistentVolumeClaim": _idle("", _LOGS),
}
"""Helm key → what becomes of it. At its default no word is lost on what is refused otherwise; what has no effect is
told in a warning if it is not at its default, else at DEBUG."""

_IDLE: Mapping[str, str] = {
    "GatewayAPI": _GATEWAY,
    "ako-crd-operator": "its custom resources are not supported, so nothing reads them",
    "akoGatewayLogFile": _LOGS,
    "featureGates": "there is no such gate here",
    "featureGates.EnableEndpointSlice": "EndpointSlices are read wherever the cluster has them",
    "featureGates.EnablePrometheus": "metrics are always served; the chart adds annotations for scraping",
    "logFile": _LOGS,
    "mountPath": _LOGS,
    "rbac.pspEnable": "Kubernetes has no pod security policies any more",
}
"""Helm key, with all below it → why it has no meaning here, whatever its value; told at DEBUG."""

OLD_DEFAULTS: Mapping[str, tuple[str, str]] = {
    "ControllerSettings.controllerVersion": (
        "18.2.10",
        "it is the default of AKO 1.3 and 1.4, older than anything supported: the version of the Avi Controller counts",
    ),
}
"""Helm key → the default of an older chart of AKO that is no value here, and why."""

IDLE_IN_CONFIG_MAP: Mapping[str, str] = {
    "akoCRDOperatorEnabled": "ako-crd-operator.enabled",
    "enableEndpointSlice": "featureGates.EnableEndpointSlice",
    "enablePrometheus": "featureGates.EnablePrometheus",
}
"""Key in the ConfigMap → the helm key that AKO's chart makes it of."""

FEATURES_IN_CONFIG_MAP: Mapping[str, str] = {
    name: key for key in FEATURES if "Settings." in key for name in (key, key.rpartition(".")[2])
}
"""Key in the ConfigMap, where the helm key itself is one too → helm key."""

OLDER_SPELLINGS: Mapping[str, str] = {
    "L4Settings.defaultDomain": "NetworkSettings.defaultDomain",
    "ControllerSettings.controllerIP": "ControllerSettings.controllerHost",
}
"""Older helm keys → the keys that took their place; where both are given, the newer one counts."""

OLD_SECTIONS = frozenset({"configs"})
"""Sections of AKO's chart before 1.2, when all settings were in one."""


def why_idle(helm: str) -> str:
    """Say why a key, of whatever depth, has no meaning here; empty if nothing is known of it."""
    if helm in FEATURES:
        return FEATURES[helm].reason
    if helm in OLD_DEFAULTS:
        return OLD_DEFAULTS[helm][1]
    while helm and helm not in _IDLE:
        helm = helm.rpartition(".")[0]
    return _IDLE.get(helm, "")
