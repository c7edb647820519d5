"""Plugins that speak of what is not theirs: others' objects, other clusters, types that are not ours."""

from __future__ import annotations

from tests.wrongs.wrong import Wrong

_POOL = "created_by=here.names.created_by, cloud_ref=here.cloud, vrf_ref=here.vrf"

NAMING = (
    Wrong(
        name="claims_for_another",
        does="claims a host on behalf of another's object",
        code='return Discovery((HostClaim(SHOP, "", thing.spec.host, (rule,)),))',
        says="its answer: claims[0].source",
    ),
    Wrong(
        name="blames_another",
        does="has a problem of another's object",
        code='return Discovery((claim,), (Problem(SHOP, "NotMine", "It is that one."),))',
        says="its answer: problems[0].source",
    ),
    Wrong(
        name="ages",
        does="says that its object is older than all others, and takes a host that another has",
        code='return Discovery((HostClaim(source.ref, "1970-01-01T00:00:00Z", "shop.com", (rule,)),))',
        says="its answer: claims[0].created",
    ),
    Wrong(
        name="others_secret",
        does="has its host served with a certificate of another namespace",
        code=(
            'tls = ako.Tls(ako.Termination.EDGE, ako.NamespacedName("kube-system", "tls"))\n'
            "return Discovery((HostClaim(source.ref, thing.metadata.created, thing.spec.host, (rule,), tls),))"
        ),
        says="its answer: claims[0].tls.certificate",
    ),
    Wrong(
        name="other_cluster",
        does="gives an object with the prefix of another cluster",
        code=f'return Translation(parent=good.parent, objects=(Pool(name="other--pool", {_POOL}),))',
        hook="ako_translate",
        says="its answer: objects[0].name",
    ),
    Wrong(
        name="other_author",
        does="gives an object that was created by somebody else",
        code=(
            'pool = Pool(name=name, created_by="ako-other", cloud_ref=here.cloud, vrf_ref=here.vrf)\n'
            "return Translation(parent=good.parent, objects=(pool,))"
        ),
        hook="ako_translate",
        says="its answer: objects[0].created_by",
    ),
    Wrong(
        name="twice",
        does="gives two objects of one name",
        code="return Translation(parent=good.parent, objects=(pool, pool))",
        hook="ako_translate",
        says="its answer: objects[1]",
    ),
    Wrong(
        name="own_type",
        does="gives an object of a type of Avi that we do not own",
        top=(
            "class Profile(ako.AviObject, frozen=True, kw_only=True):\n"
            '    avi_type = "applicationprofile"\n    created_by: str | None = None'
        ),
        code="return Translation(parent=good.parent, objects=(Profile(name=name, created_by=here.names.created_by),))",
        hook="ako_translate",
        says="its answer: objects[0]",
    ),
    Wrong(
        name="shared_name",
        does="takes the name of a virtual service that hosts share for an object of its own",
        code=f"return Translation(parent=good.parent, objects=(Pool(name=here.names.shared(0), {_POOL}),))",
        hook="ako_translate",
        says="its answer: objects[0].name",
    ),
    Wrong(
        name="shared_parent",
        does="wants the virtual service that hosts share with other profiles",
        code=(
            "parent = ako.ParentTemplate(\n    name=here.names.shared(0), vs_type=ako.NORMAL,\n"
            '    application_profile="System-L4-Application", network_profile="System-TCP-Proxy", services=(),\n)\n'
            "return Translation(parent=parent, objects=(pool,))"
        ),
        hook="ako_translate",
        says="its answer: parent",
    ),
    Wrong(
        name="other_tenant",
        does="puts its objects into another tenant",
        code='return Translation(parent=OwnTree(name, "other"), objects=(pool,))',
        hook="ako_translate",
        says="its answer: parent.tenant",
    ),
    Wrong(
        name="others_server",
        does="refers to the pool of another host",
        code=(
            "group = ako.PoolGroup(\n    name=name, created_by=here.names.created_by, cloud_ref=here.cloud,\n"
            '    members=(ako.PoolGroupMember(ako.AviRef("pool", here.names.host("shop.com_-default-shop"))),),\n)\n'
            "return Translation(parent=good.parent, objects=(group,))"
        ),
        hook="ako_translate",
        says="its answer: objects[0] refers to ",
    ),
    Wrong(
        name="others_rule",
        does="says that its names are for a rule of another host",
        code=(
            'claim = HostClaim(SHOP, "", "shop.com", (PathRule("/", PathType.PREFIX, (Backend("default", "web"),)),))\n'
            "served = ako.ServedRule(claim, claim.rules[0])\n"
            "return Translation(parent=good.parent, objects=(pool,), rules=(ako.NamedRule(served, name, (name,)),))"
        ),
        hook="ako_translate",
        says="its answer: rules[0]",
    ),
)
