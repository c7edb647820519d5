"""Several objects ask for the same: who has it, and why."""

from __future__ import annotations

from ako.testing.manifests import ingress_class
from tests.explain.situation import Situation, World
from tests.explain.situations.objects import FIRST, SECOND, balancer, both, certified, shop, web

CONFLICTS = World(
    title="Several ask for the same",
    objects=(ingress_class(),),
    situations=(
        Situation(
            what="two Ingresses ask for the same path of a host, and mine is the younger",
            asks="Ingress/twice/mine",
            cause='Duplicate entries found for hostpath twice/mine: twice.com/ in ingresses: ["twice/theirs"]',
            remedy="Ingress/twice/theirs, which is older, is served; this one takes over when it goes.",
            never=("not ours",),
            objects=(
                *web("twice"),
                shop("twice", "twice.com", name="theirs", created=FIRST),
                shop("twice", "twice.com", name="mine", created=SECOND),
            ),
        ),
        Situation(
            what="the same, and mine is the older",
            asks="twice.com/",
            cause="Ingress/twice/theirs wins, created 2026-01-01T00:00:00Z",
            never=("Ingress/twice/theirs loses",),
        ),
        Situation(
            what="two Ingresses in a folder of manifests, where nothing has an age, ask for the same path",
            asks="Ingress/ageless/zebra",
            cause='Duplicate entries found for hostpath ageless/zebra: ageless.com/ in ingresses: ["ageless/ant"]',
            remedy=(
                "Ingress/ageless/ant, which comes first by namespace and name, is served; "
                "this one takes over when it goes."
            ),
            never=("older",),
            objects=(
                *web("ageless"),
                shop("ageless", "ageless.com", name="zebra", created=""),
                shop("ageless", "ageless.com", name="ant", created=""),
            ),
        ),
        Situation(
            what="two Ingresses ask for a path, one as Prefix and one as ImplementationSpecific; mine is younger",
            asks="Ingress/kinds/mine",
            cause='Duplicate entries found for hostpath kinds/mine: kinds.com/a in ingresses: ["kinds/theirs"]',
            remedy="Ingress/kinds/theirs, which is older, is served; this one takes over when it goes.",
            objects=(
                *web("kinds"),
                shop("kinds", "kinds.com", "/a", name="theirs", created=FIRST),
                {
                    **(again := shop("kinds", "kinds.com", "/a", name="mine", created=SECOND)),
                    "spec": {
                        "rules": [
                            {
                                "host": "kinds.com",
                                "http": {
                                    "paths": [
                                        {
                                            **again["spec"]["rules"][0]["http"]["paths"][0],
                                            "pathType": "ImplementationSpecific",
                                        }
                                    ]
                                },
                            }
                        ]
                    },
                },
            ),
        ),
        Situation(
            what="two Ingresses name different Secrets for one host: whose certificate does it present?",
            asks="secrets.com",
            cause="host secrets.com is served with the certificate of Ingress/secrets/theirs, which is older.",
            remedy="Use the same certificate in all objects that share the host.",
            never=(
                "from Secret/secrets/second",
                "not served",
            ),
            objects=(
                *web("secrets"),
                certified("secrets", "first", "secrets.com"),
                certified("secrets", "second", "secrets.com"),
                shop("secrets", "secrets.com", "/a", name="theirs", created=FIRST, tls="first"),
                shop("secrets", "secrets.com", "/b", name="mine", created=SECOND, tls="second"),
            ),
        ),
        Situation(
            what="the Avi objects of two paths would have one name",
            asks="Ingress/names/shop",
            cause=(
                "pool c--names.com_a_b-names-shop-ac9ef3e8 would be called c--names.com_a_b-names-shop, but another "
                "path of the host has that name"
            ),
            never=("not served",),
            objects=(*web("names"), both("names", "names.com", "/a_b", "/a/b")),
        ),
        Situation(
            what="which of the rules takes a request for a path?",
            asks="names.com/a/b/c",
            cause="path begins with /a/b → pool c--names.com_a_b-names-shop  ← a request for that path",
            never=("path begins with /a_b → pool c--names.com_a_b-names-shop-ac9ef3e8  ←",),
        ),
        Situation(
            what="the Avi objects of two hosts would have one name",
            asks="shop.x.com",
            cause="another source has the name c--team-app-shop.x.com",
            never=("not served",),
            objects=(
                *web("team"),
                *web("team-app"),
                certified("team", "cert", "app-shop.x.com"),
                certified("team-app", "cert", "shop.x.com"),
                shop("team", "app-shop.x.com", name="web", tls="cert", created=FIRST),
                shop("team-app", "shop.x.com", name="web", tls="cert", created=SECOND),
            ),
        ),
        Situation(
            what="two Services share an address, and both want port 80 of it",
            asks="Service/vip/younger",
            cause="port 80/TCP of the shared address one is that of Service/vip/older, which is older.",
            remedy="Use another port or another address; this one is served as soon as the port is free.",
            never=("not ours",),
            objects=(
                balancer("vip", "older", annotations={"ako.vmware.com/enable-shared-vip": "one"}, created=FIRST),
                balancer("vip", "younger", annotations={"ako.vmware.com/enable-shared-vip": "one"}, created=SECOND),
            ),
        ),
    ),
)

STRICT = World(
    title="Several ask for the same",
    settings={"L7Settings": {"fqdnReusePolicy": "Strict"}},
    objects=(ingress_class(),),
    situations=(
        Situation(
            what="fqdnReusePolicy is Strict, and another namespace has the host",
            asks="Ingress/late/shop",
            cause=(
                "host strict.com is that of Ingress/early/shop, which is in another namespace and had it first; "
                "L7Settings.fqdnReusePolicy is Strict."
            ),
            remedy="Use another host; this one is served as soon as no object of that namespace has it.",
            never=("Duplicate",),
            objects=(
                *web("early"),
                *web("late"),
                shop("early", "strict.com", "/", created=FIRST),
                shop("late", "strict.com", "/mine", created=SECOND),
            ),
        ),
    ),
)
