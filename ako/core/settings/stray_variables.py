"""Variables that look like settings of ours and are none: who set them is told, for nobody reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ako.core.base.wording import meant, nearest
from ako.core.settings.foreign_keys import FEATURES
from ako.core.settings.given import SECRET_NAME_VARIABLE
from ako.core.settings.keys import KeyTable

_PREFIX = "AKO_"
_EXAMPLE = ": that of a setting is AKO_<SECTION>__<NAME>, such as AKO_AKOSETTINGS__LOGLEVEL"

_OF_A_SERVICE = re.compile(
    r"AKO_(\w+_)?(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)"
)
"""What Kubernetes sets in every pod for a Service called `ako` or `ako-…`; `AKO_…PORT` too, which is an address."""


def stray_variables(environ: Mapping[str, str], table: KeyTable) -> Iterator[str]:
    """Tell of each variable `AKO_…` that is not read, with the one that was probably meant.

    Those with `__` are not told: where nobody knows them they are a fault of the settings.
    """
    known = {
        SECRET_NAME_VARIABLE,
        *(key.variable for key in table.by_helm.values()),
        *(feature.variable for feature in FEATURES.values()),
    }
    for name, value in sorted(environ.items()):
        is_ours = name in known or "__" in name.removeprefix(_PREFIX)
        if name.startswith(_PREFIX) and not is_ours and not _is_of_a_service(name, value):
            yield f"variable {name} is not read{meant(_near(name, table)) or _EXAMPLE}"


def _is_of_a_service(name: str, value: str) -> bool:
    return bool(_OF_A_SERVICE.fullmatch(name)) or (name.endswith("_PORT") and "://" in value)


def _near(name: str, table: KeyTable) -> str:
    """Find the variable that was meant: by section and name, by the name alone, or by that of AKO."""
    candidates: dict[str, str] = {}
    for key in table.by_helm.values():
        for spelling in (key.helm, key.helm.rpartition(".")[2], key.variable):
            if spelling and key.layer_variable:
                candidates.setdefault(_folded(spelling), key.layer_variable)
    return candidates.get(nearest(_folded(name.removeprefix(_PREFIX)), candidates), "")


def _folded(text: str) -> str:
    return text.replace(".", "").replace("_", "").upper()
