"""What was written cannot be served, or not as it was meant."""

from __future__ import annotations

from ako.testing.manifests import ingress_class
from tests.explain.situation import Scene, Situation, World
from tests.explain.situations.objects import balancer, shop, web


def _spoil(scene: Scene) -> None:
    scene.is_served("kept.com")
    scene.stage.put("kept", *web("kept"), {**shop("kept", "kept.com"), "spec": {"rules": "kept.com"}})


WRITTEN = World(
    title="What was written",
    objects=(ingress_class(),),
    before=lambda scene: scene.stage.put("kept", *web("kept"), shop("kept", "kept.com")),
    then=_spoil,
    situations=(
        Situation(
            what="an Ingress has no backend at all",
            asks="Ingress/norules/shop",
            cause="Found Ingress: shop without service backends. Not going to process.",
            remedy="Add a rule with an http section; a default backend alone is not served.",
            never=("not ours",),
            objects=({**(plain := shop("norules", "norules.com")), "spec": {"rules": [{"host": "norules.com"}]}},),
        ),
        Situation(
            what="a host is no name that DNS can have",
            asks="Ingress/badhost/shop",
            cause="spec.rules[0].host: 'bad_host..com' is not a host name (RFC 1123).",
            remedy=(
                "Use parts of letters, digits and '-', of at most 63 characters each, with single dots between them."
            ),
            never=("served at",),
            objects=(*web("badhost"), shop("badhost", "bad_host..com")),
        ),
        Situation(
            what="a name on the Avi Controller would be too long",
            asks="Ingress/long/shop",
            cause="would need an Avi object with a name over 255 bytes:",
            remedy="Shorten the host, the path or the name of the object.",
            never=(
                "served at",
                "served over",
            ),
            objects=(*web("long"), shop("long", "long.com", f"/{'x' * 250}")),
        ),
        Situation(
            what="the networks that a Service lets in cannot be read",
            asks="Service/ranges/direct",
            cause="spec.loadBalancerSourceRanges: '10.0.0.0/33' is no network.",
            remedy="A new Service is not served before that is mended; one that is served stays as it is.",
            never=(
                "served at",
                "not ours",
            ),
            objects=(balancer("ranges", loadBalancerSourceRanges=["10.0.0.0/33"]),),
        ),
        Situation(
            what="a Service asks for an address that is none",
            asks="Service/address/direct",
            cause="spec.loadBalancerIP asks for '10.0.0.256', which is no IPv4 address.",
            remedy="Correct or remove it.",
            never=("not ours",),
            objects=(balancer("address", loadBalancerIP="10.0.0.256"),),
        ),
        Situation(
            what="an annotation of AKO has no effect",
            asks="Ingress/annotated/shop",
            cause="annotation ako.vmware.com/enable-tls is not supported and has no effect.",
            remedy="Remove it.",
            never=("not served",),
            objects=(
                *web("annotated"),
                shop("annotated", "annotated.com", annotations={"ako.vmware.com/enable-tls": "true"}),
            ),
        ),
        Situation(
            what="an Ingress that is served was edited, and cannot be read any more",
            asks="Ingress/kept/shop",
            cause="cannot be read: spec.rules: Expected array | null, got str",
            remedy="The version before it stays in force.",
            never=("not served",),
        ),
        Situation(
            what="the name that is asked about has a typing error",
            asks="kpet.com",
            cause="kpet.com nothing of that name is known; there is:\nkept.com",
            never=("served at",),
        ),
        Situation(
            what="nobody asks for a host",
            asks="nowhere.example.org",
            cause="nowhere.example.org nothing of that name is known",
            never=("there is:",),
        ),
    ),
)
