"""TLS: what a host presents, and why not what was meant."""

from __future__ import annotations

from ako.testing.manifests import ingress_class
from tests.explain.situation import Scene, Situation, World
from tests.explain.situations.objects import (
    FAR_OFF,
    LATELY,
    SOME_DAY,
    certified,
    mismatched,
    shop,
    web,
    with_its_key,
)


def _spoil(scene: Scene) -> None:
    scene.is_served("spoilt.com")
    scene.stage.put("cert", mismatched("spoilt", "cert", "spoilt.com"))


CERTIFICATES = World(
    title="Certificates",
    objects=(ingress_class(),),
    before=lambda scene: scene.stage.put("cert", certified("spoilt", "cert", "spoilt.com")),
    then=_spoil,
    situations=(
        Situation(
            what="a certificate has expired",
            asks="expired.com",
            cause="the certificate in tls.crt of secret: expired/cert expired at 2021-01-01T00:00:00Z.",
            remedy="Renew the certificate; the new one is used as soon as it is there.",
            never=("not served", "certificate , for"),
            objects=(
                *web("expired"),
                certified("expired", "cert", "expired.com", ends=LATELY),
                shop("expired", "expired.com", tls="cert"),
            ),
        ),
        Situation(
            what="a certificate is not valid yet",
            asks="early.com",
            cause="the certificate in tls.crt of secret: early/cert is not valid before 2100-01-01T00:00:00Z.",
            remedy="Clients refuse it until then.",
            never=(
                "expired",
                "not served",
            ),
            objects=(
                *web("early"),
                certified("early", "cert", "early.com", begins=SOME_DAY, ends=FAR_OFF),
                shop("early", "early.com", tls="cert"),
            ),
        ),
        Situation(
            what="a certificate is for another name",
            asks="named.com",
            cause="the certificate in tls.crt of secret: named/cert is for other.com, not for host named.com.",
            remedy="Use a certificate that names the host.",
            never=("not served",),
            objects=(*web("named"), certified("named", "cert", "other.com"), shop("named", "named.com", tls="cert")),
        ),
        Situation(
            what="the key in a Secret does not fit its certificate",
            asks="misfit.com",
            cause="secret: misfit/cert: the key in tls.key does not fit the certificate in tls.crt (host misfit.com).",
            remedy="Not served until it is mended.",
            never=(
                "served at",
                "BEGIN",
            ),
            objects=(
                *web("misfit"),
                mismatched("misfit", "cert", "misfit.com"),
                shop("misfit", "misfit.com", tls="cert"),
            ),
        ),
        Situation(
            what="a certificate was renewed, and its key does not fit",
            asks="spoilt.com",
            cause="the key in tls.key does not fit the certificate in tls.crt (host spoilt.com).",
            remedy="Still served with the certificate before.",
            never=("not served",),
            objects=(*web("spoilt"), shop("spoilt", "spoilt.com", tls="cert")),
        ),
        Situation(
            what="the Secret of an Ingress does not exist",
            asks="Ingress/nosecret/shop",
            cause="secret: nosecret/cert does not exist (host nosecret.com).",
            remedy="Create the TLS Secret or name another one; what needs it is served as soon as it is there.",
            never=("served at",),
            objects=(*web("nosecret"), shop("nosecret", "nosecret.com", tls="cert")),
        ),
        Situation(
            what="a Secret is asked about that does not exist, and somebody needs it",
            asks="Secret/nosecret/cert",
            cause="it does not exist",
            remedy="Create it, or name another one.",
            never=("nothing of that name",),
        ),
        Situation(
            what="the private key stands beside the certificate",
            asks="exposed.com",
            cause=(
                "tls.crt of secret: exposed/cert holds a private key beside the certificate; it is left out of all "
                "that is sent."
            ),
            remedy="Take it out: whoever may read certificates can read it.",
            never=(
                "BEGIN",
                "not served",
            ),
            objects=(
                *web("exposed"),
                with_its_key("exposed", "cert", "exposed.com"),
                shop("exposed", "exposed.com", tls="cert"),
            ),
        ),
        Situation(
            what="a TLS section names a host that no rule has",
            asks="Ingress/norule/shop",
            cause="spec.tls[0] names host www.norule.com, for which there is no rule: nothing is done for it.",
            remedy="Add a rule for it, or take it out of the section.",
            never=("over TLS",),
            objects=(
                *web("norule"),
                certified("norule", "cert", "norule.com"),
                shop("norule", "norule.com", sections=[{"hosts": ["www.norule.com"], "secretName": "cert"}]),
            ),
        ),
        Situation(
            what="a TLS section names no hosts",
            asks="Ingress/nohosts/shop",
            cause="spec.tls[0] names no hosts: no host is served over TLS because of it.",
            remedy="List the hosts; until then they are served over plain HTTP.",
            objects=(
                *web("nohosts"),
                certified("nohosts", "cert", "nohosts.com"),
                shop("nohosts", "nohosts.com", sections=[{"secretName": "cert"}]),
            ),
        ),
    ),
)
