"""Objects that are not ours, and why."""

from __future__ import annotations

from ako.testing.manifests import custom_object, ingress_class, namespace
from tests.explain.situation import Situation, World
from tests.explain.situations.objects import balancer, class_of, shop, web

INSIDE = {"aviinfrasetting.ako.vmware.com/name": "inside"}
NGINX = {"kubernetes.io/ingress.class": "nginx"}

NAMED = World(
    title="Whose is it?",
    settings={"AKOSettings": {"blockedNamespaceList": ["blocked"]}},
    objects=(
        ingress_class(),
        class_of("nginx", "k8s.io/ingress-nginx"),
        class_of(
            "inside",
            "ako.vmware.com/avi-lb",
            parameters={"apiGroup": "ako.vmware.com", "kind": "AviInfraSetting", "name": "inside"},
        ),
    ),
    situations=(
        Situation(
            what="an Ingress names the class of another controller",
            asks="Ingress/classes/nginx",
            cause=(
                "not ours: spec.ingressClassName is nginx, whose controller is k8s.io/ingress-nginx, not "
                "ako.vmware.com/avi-lb."
            ),
            remedy="Set spec.ingressClassName to an IngressClass whose controller is ako.vmware.com/avi-lb.",
            never=("wrong",),
            objects=(*web("classes"), shop("classes", "nginx.com", name="nginx", ingressClassName="nginx")),
        ),
        Situation(
            what="an Ingress names a class that does not exist",
            asks="Ingress/classes/missing",
            cause="there is no IngressClass avi; there are avi-lb, inside, nginx.",
            remedy="Name one that is there, or create it.",
            never=("served at",),
            objects=(shop("classes", "missing.com", name="missing", ingressClassName="avi"),),
        ),
        Situation(
            what="an Ingress has the annotation of another controller",
            asks="Ingress/classes/annotated",
            cause="not ours: the annotation kubernetes.io/ingress.class is nginx, not avi.",
            remedy="Set spec.ingressClassName to an IngressClass whose controller is ako.vmware.com/avi-lb.",
            never=("wrong",),
            objects=(
                shop(
                    "classes", "annotated.com", name="annotated", annotations={"kubernetes.io/ingress.class": "nginx"}
                ),
            ),
        ),
        Situation(
            what="an Ingress is in a namespace that is blocked",
            asks="Ingress/blocked/shop",
            cause="not ours: namespace blocked is in AKOSettings.blockedNamespaceList.",
            remedy="Take it off that list, or move the object to another namespace.",
            never=("ingressClassName",),
            objects=(*web("blocked"), shop("blocked", "blocked.com")),
        ),
        Situation(
            what="the namespace itself is asked about",
            asks="Namespace/blocked",
            cause="not ours: namespace blocked is in AKOSettings.blockedNamespaceList.",
            remedy="Take it off that list, or move the object to another namespace.",
            never=("nothing of that name",),
        ),
        Situation(
            what="the class of another controller is asked about",
            asks="IngressClass/nginx",
            cause="not ours: nothing that is served here refers to it.",
            never=("used by",),
        ),
        Situation(
            what="a Service is expected to have an address, and is of another type",
            asks="Service/plain/web",
            cause="not ours: spec.type is ClusterIP: it asks for no address; it may be behind an Ingress or a Route.",
            remedy="Make it one of type LoadBalancer to have it on an address of its own.",
            never=("wrong",),
            objects=web("plain"),
        ),
        Situation(
            what="a Service of type LoadBalancer names another implementation",
            asks="Service/metal/direct",
            cause="not ours: spec.loadBalancerClass is metallb.io/metallb, not ako.vmware.com/avi-lb.",
            remedy="Create it anew with the class ako.vmware.com/avi-lb: that of a Service cannot be changed.",
            never=("wrong",),
            objects=(balancer("metal", loadBalancerClass="metallb.io/metallb"),),
        ),
        Situation(
            what="an Ingress asks for another network by an annotation",
            asks="Ingress/inside/annotated",
            cause=(
                "annotation aviinfrasetting.ako.vmware.com/name names AviInfraSetting inside, which is not supported: "
                "it would be on the common network."
            ),
            remedy="Take that away to have it served there.",
            never=("served at",),
            objects=(
                *web("inside"),
                shop(
                    "inside",
                    "inside.com",
                    name="annotated",
                    annotations={"aviinfrasetting.ako.vmware.com/name": "inside"},
                ),
            ),
        ),
        Situation(
            what="an Ingress asks for another network by its class",
            asks="Ingress/inside/classed",
            cause=(
                "IngressClass inside names AviInfraSetting inside, which is not supported: it would be on the common "
                "network."
            ),
            remedy="Take that away to have it served there.",
            never=("served at",),
            objects=(shop("inside", "classed.com", name="classed", ingressClassName="inside"),),
        ),
        Situation(
            what="a Namespace names a tenant, and tenants are not used",
            asks="Ingress/tenant/shop",
            cause=(
                "annotation ako.vmware.com/tenant-name of namespace tenant names tenant blue, but everything is in "
                "tenant admin."
            ),
            remedy="Or set ControllerSettings.tenantsPerCluster, for tenants of namespaces.",
            never=("served at",),
            objects=(
                custom_object(
                    "v1", "Namespace", "tenant", namespace="", annotations={"ako.vmware.com/tenant-name": "blue"}
                ),
                *web("tenant"),
                shop("tenant", "tenant.com"),
            ),
        ),
    ),
)

NOT_DEFAULT = World(
    title="Whose is it?",
    objects=(ingress_class(is_default=False),),
    situations=(
        Situation(
            what="an Ingress names no class, and ours is not the default",
            asks="Ingress/unnamed/shop",
            cause=(
                "not ours: spec.ingressClassName is not set, and IngressClass avi-lb is not the default: its "
                "annotation ingressclass.kubernetes.io/is-default-class is not true."
            ),
            remedy="Set spec.ingressClassName to avi-lb, or make avi-lb the default class.",
            objects=(*web("unnamed"), shop("unnamed", "unnamed.com")),
        ),
    ),
)

OTHER_DEFAULT = World(
    title="Whose is it?",
    objects=(ingress_class(is_default=False), class_of("nginx", "k8s.io/ingress-nginx", is_default=True)),
    situations=(
        Situation(
            what="an Ingress names no class, and the default is that of another controller",
            asks="Ingress/unnamed/shop",
            cause=(
                "not ours: spec.ingressClassName is not set, and the default IngressClass nginx has the controller "
                "k8s.io/ingress-nginx."
            ),
            remedy="Set spec.ingressClassName to an IngressClass whose controller is ako.vmware.com/avi-lb.",
            objects=(*web("unnamed"), shop("unnamed", "unnamed.com")),
        ),
    ),
)

NO_DEFAULT = World(
    title="Whose is it?",
    settings={
        "AKOSettings": {"namespaceSelector": {"labelKey": "team", "labelValue": "red"}},
        "L7Settings": {"defaultIngController": False},
        "L4Settings": {"defaultLBController": False},
    },
    objects=(namespace("unnamed", team="red"), namespace("unlabelled", team="blue")),
    situations=(
        Situation(
            what="an Ingress names no class, there is none, and defaultIngController is false",
            asks="Ingress/unnamed/shop",
            cause=(
                "not ours: spec.ingressClassName is not set, there is no default IngressClass, and "
                "L7Settings.defaultIngController is false."
            ),
            remedy="Set spec.ingressClassName to an IngressClass whose controller is ako.vmware.com/avi-lb.",
            objects=(*web("unnamed"), shop("unnamed", "unnamed.com")),
        ),
        Situation(
            what="a Service of type LoadBalancer names no class, and defaultLBController is false",
            asks="Service/unnamed/direct",
            cause="not ours: spec.loadBalancerClass is not set, and L4Settings.defaultLBController is false.",
            remedy="Set spec.loadBalancerClass to ako.vmware.com/avi-lb; it can be set only when a Service is created.",
            objects=(balancer("unnamed"),),
        ),
        Situation(
            what="an Ingress is in a namespace without the label that is asked for",
            asks="Ingress/unlabelled/shop",
            cause=(
                "not ours: namespace unlabelled has not the label team=red, which AKOSettings.namespaceSelector asks "
                "for; it has team=blue."
            ),
            remedy="Give the namespace that label, or change the setting.",
            never=("ingressClassName",),
            objects=(*web("unlabelled"), shop("unlabelled", "unlabelled.com")),
        ),
    ),
)
