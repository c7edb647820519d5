"""The Avi Controller: what it refuses, what waits, what stays where it is, and who else is there."""

from __future__ import annotations

from ako.testing.manifests import ingress_class
from tests.builders import Manifest
from tests.explain.situation import Scene, Situation, World
from tests.explain.situations.objects import FIRST, SECOND, shop, tenant_namespace, web

MANY = tuple(f"many{number}.com" for number in range(4))


def _refuse(scene: Scene) -> None:
    """Refuse one pool, and have another name taken by somebody else."""
    pool = {"method": "POST", "name": "c--refused.com_-refused-shop"}
    scene.stage.avi.misbehave({"match": pool, "status": 400, "body": {"error": "no room for more pools"}})
    taken = {
        "name": "c--taken.com_-taken-shop",
        "tenant_ref": "/api/tenant/?name=admin",
        "cloud_ref": "/api/cloud/?name=Default-Cloud",
        "created_by": "somebody",
    }
    scene.stage.avi.create("pool", taken)


REFUSED = World(
    title="What the Avi Controller does not take",
    objects=(ingress_class(),),
    before=_refuse,
    situations=(
        Situation(
            what="the Avi Controller refuses an object",
            asks="refused.com",
            cause="the Avi Controller refused pool c--refused.com_-refused-shop: no room for more pools",
            remedy="Tried again when the object changes and at each full sync.",
            never=(
                "served at",
                "served over",
            ),
            objects=(*web("refused"), shop("refused", "refused.com")),
        ),
        Situation(
            what="somebody else has an object of a name that is needed",
            asks="taken.com",
            cause="pool c--taken.com_-taken-shop exists and is not ours (created by somebody)",
            remedy="Rename or delete that one if nobody needs it, or take another AKOSettings.clusterName.",
            never=(
                "no room",
                "served at",
                "served over",
            ),
            objects=(*web("taken"), shop("taken", "taken.com")),
        ),
        Situation(
            what="a host is in none of the DNS domains of the cloud",
            asks="outside.example.net",
            cause="Didn't find match for hostname :outside.example.net Available sub-domains:.com,avi.internal",
            remedy="Use a host in one of these domains.",
            never=("served at",),
            objects=(*web("outside"), shop("outside", "outside.example.net")),
        ),
    ),
)


def _take_away(scene: Scene) -> None:
    """Have a class go that many need, after it served them."""
    for host in MANY:
        scene.is_served(host)
    scene.stage.remove("class")


HELD = World(
    title="What waits for being confirmed",
    settings={"L7Settings": {"defaultIngController": False}},
    before=lambda scene: scene.stage.put("class", ingress_class()),
    then=_take_away,
    objects=tuple(item for n, host in enumerate(MANY) for item in (*web(f"many{n}"), shop(f"many{n}", host))),
    situations=(
        Situation(
            what="the IngressClass was deleted, and its hosts are still there",
            asks="many0.com",
            cause=(
                "it waits with plan 7799fcdf36a5 for being confirmed, because too much at once would no longer be "
                "served"
            ),
            never=("nothing of that name",),
            remedy=(
                "confirm it: annotation ako.vmware.com/confirm-deletion: 7799fcdf36a5 on the ConfigMap, or --confirm "
                "7799fcdf36a5."
            ),
        ),
        Situation(
            what="the same, asked about the Ingress",
            asks="Ingress/many0/shop",
            cause="there is no default IngressClass, and L7Settings.defaultIngController is false.",
            remedy="Set spec.ingressClassName to an IngressClass whose controller is ako.vmware.com/avi-lb.",
        ),
    ),
)


def _fewer_shards(scene: Scene) -> None:
    scene.is_served("settled.com")
    scene.stage.configure(L7Settings={"shardVSSize": "MEDIUM"})
    scene.restart()


STAYS = World(
    title="What stays where it is",
    objects=(ingress_class(),),
    then=_fewer_shards,
    situations=(
        Situation(
            what="shardVSSize was changed, and a host has not moved",
            asks="settled.com",
            cause=(
                "shard 4: it is live there, and no live host moves; md5 of 'settled.com', modulo 4 "
                "(L7Settings.shardVSSize), is 0."
            ),
            never=("not served",),
            objects=(*web("settled"), shop("settled", "settled.com")),
        ),
    ),
)


def _limit(scene: Scene) -> None:
    scene.stage.avi.limit(dns_info=2)  # the name of the virtual service itself is one of them


LIMITED = World(
    title="Limits",
    settings={"L7Settings": {"shardVSSize": "SMALL"}},
    objects=(ingress_class(),),
    before=_limit,
    situations=(
        Situation(
            what="a shared virtual service has as many names as the Avi Controller takes",
            asks="third.com",
            cause="the Avi Controller refused what host third.com adds:",
            remedy="Tried again when the object changes and at each full sync.",
            never=(
                "first.com",
                "served at",
                "served over",
            ),
            objects=(
                *web("names"),
                shop("names", "first.com", name="first", created=FIRST),
                shop("names", "third.com", name="third", created=SECOND),
            ),
        ),
    ),
)

AWAY = World(
    title="The Avi Controller is away",
    objects=(ingress_class(),),
    before=lambda scene: scene.stage.avi.misbehave({"match": {"path": "/login"}, "status": 503}),
    situations=(
        Situation(
            what="the Avi Controller does not answer since the start",
            asks="Ingress/away/shop",
            cause=(
                "the Avi Controller has not been read yet: Avi Controller: POST /login admin: 503 (no message); until "
                "then nothing is written."
            ),
            never=("not ours", "asks for nothing"),
            objects=(*web("away"), shop("away", "away.com")),
        ),
    ),
)

TENANTS = World(
    title="Tenants",
    settings={"ControllerSettings": {"tenantsPerCluster": True}},
    objects=(ingress_class(),),
    situations=(
        Situation(
            what="a Namespace names a tenant that there is not",
            asks="Ingress/blue/shop",
            cause=(
                "annotation ako.vmware.com/tenant-name of namespace blue names tenant blue, which cannot be read: 403 "
                "Tenant 'blue' does not exist!"
            ),
            remedy=(
                "Create the tenant, correct its name, or give our user a role in it; until then nothing new is done "
                "for it."
            ),
            never=(
                "served at",
                "not ours",
            ),
            objects=(
                tenant_namespace("blue", "blue"),
                *web("blue"),
                shop("blue", "blue.com"),
            ),
        ),
    ),
)


STANDBY = World(
    title="A replica that stands by",
    settings={"ako": {"leaderElection": {"enabled": True}}},
    leader="ako-0_a",
    objects=(ingress_class(),),
    situations=(
        Situation(
            what="the replica that is asked does not work",
            asks="standby.com",
            cause="this replica stands by, and works nothing out; ako-0 works: ask that one.",
            never=("not ours", "served at"),
            objects=(*web("standby"), shop("standby", "standby.com")),
        ),
    ),
)

ONE, TWO = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"


def _identity(uid: str) -> Manifest:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "kube-system", "uid": uid}}


def _become_another(scene: Scene) -> None:
    scene.is_served("both.com")
    scene.stage.put("identity", _identity(TWO))
    scene.restart()


NAMESAKES = World(
    title="Another cluster of the same name",
    objects=(ingress_class(),),
    before=lambda scene: scene.stage.put("identity", _identity(ONE)),
    then=_become_another,
    situations=(
        Situation(
            what="another cluster has our clusterName, and an object that a host needs",
            asks="both.com",
            cause=(
                "pool c--both.com_-both-shop exists and belongs to another cluster with our AKOSettings.clusterName, "
                "whose kube-system Namespace has the uid 00000000-0000-4000-8000-000000000001"
            ),
            remedy=(
                "Give one of the two another name; or, if that cluster is gone and this one takes its place, have its "
                "objects taken over"
            ),
            never=("served at",),
            objects=(*web("both"), shop("both", "both.com")),
        ),
    ),
)


def _edit(scene: Scene) -> None:
    scene.is_served("edited.com")
    scene.stage.avi.edit("pool", "c--edited.com_-edited-shop", servers=[])


DRIFT = World(
    title="What others changed",
    settings={"AKOSettings": {"fullSyncFrequency": 1}, "ako": {"drift": {"policy": "report"}}},
    objects=(ingress_class(),),
    then=_edit,
    situations=(
        Situation(
            what="somebody changed a pool, and drift is only reported",
            asks="pool/c--edited.com_-edited-shop",
            cause="c--edited.com_-edited-shop left as it is: differs in servers, and ako.drift.policy is report",
            objects=(*web("edited"), shop("edited", "edited.com")),
        ),
    ),
)
