"""Why an Ingress is ours, or is not: each row of the table, with what decides it and what would change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from ako.testing.rehearsal import Rehearsal
from tests.builders import Manifest
from tests.plugins.ingress.test_discovery import (
    AVI,
    NGINX,
    OTHER,
    OTHER_DEFAULT,
    OUR_CLASS,
    OUR_DEFAULT,
    rule,
    shop,
)

NAME_OURS = "Set spec.ingressClassName to an IngressClass whose controller is ako.vmware.com/avi-lb."
UNNAMED = "spec.ingressClassName is not set"
DEFAULT = "ingressclass.kubernetes.io/is-default-class"


@pytest.mark.parametrize(
    ("classes", "named", "annotations", "default", "why", "remedy"),
    [
        (
            (OUR_CLASS,),
            "avi",
            None,
            False,
            "spec.ingressClassName is avi, whose controller is ako.vmware.com/avi-lb.",
            "",
        ),
        (
            (OUR_CLASS, OTHER),
            "other",
            AVI,
            True,
            "spec.ingressClassName is other, whose controller is example.org/other, not ako.vmware.com/avi-lb.",
            NAME_OURS,
        ),
        (
            (OUR_CLASS,),
            "nowhere",
            None,
            True,
            "spec.ingressClassName is nowhere, and there is no IngressClass nowhere; there are avi.",
            "Name one that is there, or create it.",
        ),
        ((OTHER,), None, AVI, False, "the annotation kubernetes.io/ingress.class is avi.", ""),
        ((OUR_DEFAULT,), None, NGINX, True, "the annotation kubernetes.io/ingress.class is nginx, not avi.", NAME_OURS),
        (
            (OUR_DEFAULT, OTHER_DEFAULT),
            None,
            None,
            False,
            f"{UNNAMED}, and the default IngressClass avi has the controller ako.vmware.com/avi-lb.",
            "",
        ),
        (
            (OUR_CLASS, OTHER_DEFAULT),
            None,
            None,
            True,
            f"{UNNAMED}, and the default IngressClass other has the controller example.org/other.",
            NAME_OURS,
        ),
        (
            (OUR_CLASS,),
            None,
            None,
            True,
            f"{UNNAMED}, and IngressClass avi is not the default: its annotation {DEFAULT} is not true.",
            "Set spec.ingressClassName to avi, or make avi the default class.",
        ),
        (
            (OTHER,),
            None,
            None,
            True,
            f"{UNNAMED}, there is no default IngressClass, and L7Settings.defaultIngController is true.",
            "",
        ),
        (
            (OTHER,),
            None,
            None,
            False,
            f"{UNNAMED}, there is no default IngressClass, and L7Settings.defaultIngController is false.",
            NAME_OURS,
        ),
    ],
)
def test_why(
    classes: Sequence[Manifest],
    named: str | None,
    annotations: Mapping[str, str] | None,
    default: bool,
    why: str,
    remedy: str,
) -> None:
    rehearsal = Rehearsal(("ingress", "clusterip_routes"), {"L7Settings.defaultIngController": default})
    manifest = shop(rule(), annotations=annotations, **({"ingressClassName": named} if named else {}))
    rehearsal.apply(*classes, manifest)
    found, discovery = rehearsal.whose(manifest), rehearsal.discovery(manifest)
    assert (found.why, found.remedy) == (why, remedy)
    assert discovery is not None
    assert found.is_ours is bool(discovery.claims)
