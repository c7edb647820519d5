"""Keys that are known but not used: of AKO's chart and ConfigMap, of our chart alone, and older spellings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from ako.core.settings.chart_keys import CHART_KEYS

UNUSED = frozenset(CHART_KEYS)
"""Keys at the top of a values file, with all that is in them."""


class Feature(NamedTuple):
    """A setting of AKO about something that is not there.

    Attributes:
        default: the value that asks for nothing, as text.
        variable: AKO's own variable for it; empty if there is none.
        is_refused: with any other value more would be served than is asked for, elsewhere or in another way, so that
            it must not be passed over.
    """

    default: str
    variable: str = ""
    is_refused: bool = True

    def asks_for_nothing(self, value: object) -> bool:
        """Say whether a value is the default, in whatever way it is written."""
        text = _as_text(value)
        return text in {"", self.default.lower()} or text in _SAME.get(self.default, ())


_SAME: Mapping[str, frozenset[str]] = {
    "false": frozenset({"no", "off", "0", "f", "n"}),
    "true": frozenset({"yes", "on", "1", "t", "y"}),
}

FEATURES: Mapping[str, Feature] = {
    "AKOSettings.enableEVH": Feature("false", "ENABLE_EVH"),
    "AKOSettings.istioEnabled": Feature("false", "ISTIO_ENABLED"),
    "AKOSettings.primaryInstance": Feature("true", "PRIMARY_AKO_FLAG"),
    "AKOSettings.servicesAPI": Feature("false", "SERVICES_API"),
    "AKOSettings.useDefaultSecretsOnly": Feature("false", "USE_DEFAULT_SECRETS_ONLY"),
    "AKOSettings.vipPerNamespace": Feature("false", "VIP_PER_NAMESPACE"),
    "AKOSettings.vpcMode": Feature("false", "VPC_MODE"),
    "ControllerSettings.dedicatedTenantMode": Feature("false", "DEDICATED_TENANT_MODE", is_refused=False),
    "L4Settings.advancedL4": Feature("false", "ADVANCED_L4"),
    "L7Settings.enableMCI": Feature("false", "MCI_ENABLED", is_refused=False),
    "L7Settings.noPGForSNI": Feature("false", is_refused=False),
    "NetworkSettings.bgpPeerLabels": Feature("", "BGP_PEER_LABELS"),
    "NetworkSettings.nsxtT1LR": Feature("", "NSXT_T1_LR"),
}
"""Helm key → what becomes of it; at its default no word is lost on it."""


def _as_text(value: object) -> str:
    """Give a value as text; a list or a mapping with nothing in it is empty, also where it is written as JSON."""
    text = json.dumps(value) if isinstance(value, bool) else "" if value in (None, [], {}) else str(value)
    text = text.strip().lower()
    return "" if "".join(text.split()) in {"[]", "{}", "null"} else text


UNUSED_IN_CONFIG_MAP = frozenset({"akoCRDOperatorEnabled", "enablePrometheus"})

FEATURES_IN_CONFIG_MAP: Mapping[str, str] = {name: key for key in FEATURES for name in (key, key.rpartition(".")[2])}
"""Key in the ConfigMap, where the helm key itself is one too → helm key."""

OLDER_SPELLINGS: Mapping[str, str] = {
    "L4Settings.defaultDomain": "NetworkSettings.defaultDomain",
    "ControllerSettings.controllerIP": "ControllerSettings.controllerHost",
}
"""Older helm keys → the keys that took their place; where both are given, the newer one counts."""
