"""Servers: why a pod, or a node, gets no requests."""

from __future__ import annotations

from ako.testing.manifests import custom_object, endpoint_slice, ingress_class, node, service
from tests.explain.situation import Situation, World
from tests.explain.situations.objects import balancer, pod, pods, shop, web

WEB = {"name": "http", "port": 80, "targetPort": 8080}
ADMIN = {"name": "admin", "port": 81, "targetPort": 9090}

PODS = World(
    title="Pods that get no requests",
    objects=(ingress_class(), node("node-1", pod_cidr="10.244.1.0/24"), node("node-2", "192.0.2.2")),
    situations=(
        Situation(
            what="a pod is not ready",
            asks="ready.com",
            cause="left out 10.244.1.2, pod ready/web-2, on node-1: it is not ready.",
            remedy="See what the pod says of itself: its readiness probe, readiness gates and containers.",
            never=("web-1, on node-1: it is",),
            objects=(
                service("web", namespace="ready"),
                pods("ready", pod("10.244.1.1", "web-1"), pod("10.244.1.2", "web-2", ready=False)),
                shop("ready", "ready.com"),
            ),
        ),
        Situation(
            what="a pod is about to end",
            asks="ending.com",
            cause="left out 10.244.1.4, pod ending/web-2, on node-1: it is about to end, and others are ready.",
            never=("it is not ready",),
            objects=(
                service("web", namespace="ending"),
                pods(
                    "ending",
                    pod("10.244.1.3", "web-1"),
                    pod("10.244.1.4", "web-2", ready=False, serving=True, terminating=True),
                ),
                shop("ending", "ending.com"),
            ),
        ),
        Situation(
            what="no pod has the labels that a Service selects",
            asks="empty.com",
            cause="Service empty/web has no endpoints: no pod has the labels of its selector, or it has no selector.",
            remedy="Compare its spec.selector with the labels of the pods, and see whether they run.",
            never=("1 server",),
            objects=(service("web", namespace="empty"), shop("empty", "empty.com")),
        ),
        Situation(
            what="an Ingress names a Service that does not exist",
            asks="noservice.com",
            cause="service noservice/web does not exist.",
            remedy="Create it, or name another one.",
            never=("1 server",),
            objects=(shop("noservice", "noservice.com"),),
        ),
        Situation(
            what="an Ingress names a port that the Service has not",
            asks="port.com",
            cause="service port/web has no TCP port https; it has http:80/TCP.",
            remedy="Name one that it has, or add the port to it.",
            never=("1 server",),
            objects=(*web("port"), shop("port", "port.com", backend="web:https")),
        ),
        Situation(
            what="the pods have no port of the name that the Service asks for",
            asks="portname.com",
            cause="left out 10.244.1.5, pod portname/web-1, on node-1: it has no port http; it has admin:9090/TCP.",
            remedy="Name the port of Service and endpoints alike.",
            never=("it is not ready",),
            objects=(
                custom_object("v1", "Service", "web", namespace="portname", spec={"ports": [WEB, ADMIN]}),
                pods("portname", pod("10.244.1.5", "web-1"), ports=({"name": "admin", "port": 9090},)),
                shop("portname", "portname.com"),
            ),
        ),
        Situation(
            what="a Service is of type ExternalName",
            asks="external.com",
            cause="service external/web is of type ExternalName, which has no endpoints.",
            remedy="Name one that selects pods.",
            never=("1 server",),
            objects=(
                custom_object(
                    "v1",
                    "Service",
                    "web",
                    namespace="external",
                    spec={"type": "ExternalName", "externalName": "example.org", "ports": [WEB]},
                ),
                shop("external", "external.com"),
            ),
        ),
        Situation(
            what="an Ingress names a Service of type LoadBalancer",
            asks="balanced.com",
            cause=(
                "service balanced/web is of type LoadBalancer, which a pool of pod addresses cannot serve; its pool "
                "stays empty."
            ),
            remedy="Name a Service of type ClusterIP for the same pods.",
            never=("1 server",),
            objects=(
                balancer("balanced", "web"),
                endpoint_slice("web", "10.0.0.1", namespace="balanced"),
                shop("balanced", "balanced.com"),
            ),
        ),
        Situation(
            what="pods have addresses of another IP family",
            asks="six.com",
            cause=(
                "left out 2001:db8::1, pod six/web-1, on node-1: its address is not of the IP family V4, which "
                "AKOSettings.ipFamily asks for."
            ),
            remedy="Give the Service that family, or change the setting.",
            never=("it is not ready",),
            objects=(
                service("web", namespace="six"),
                {**pods("six", pod("2001:db8::1", "web-1")), "addressType": "IPv6"},
                shop("six", "six.com"),
            ),
        ),
        Situation(
            what="no route leads to the pods of a node",
            asks="unreached.com",
            cause=(
                "left out on node-2: its pods are servers, but not reached: podcidr not found in spec.podCIDRs of the "
                "node: no static route (IPv4) to the pods of this node."
            ),
            remedy="Correct AKOSettings.cniPlugin, or annotate the node with ako.vmware.com/pod-cidrs.",
            objects=(
                service("web", namespace="unreached"),
                pods("unreached", pod("10.244.2.1", "web-1", "node-2")),
                shop("unreached", "unreached.com"),
            ),
        ),
        Situation(
            what="the same, asked about the node",
            asks="Node/node-2",
            cause="podcidr not found in spec.podCIDRs of the node: no static route (IPv4) to the pods of this node.",
            remedy="Correct AKOSettings.cniPlugin, or annotate the node with ako.vmware.com/pod-cidrs.",
            never=("not ours",),
        ),
        Situation(
            what="the address of a pod is in a log, and it is no server",
            asks="10.244.1.2",
            cause="left out 10.244.1.2, pod ready/web-2, on node-1: it is not ready.",
            remedy="See what the pod says of itself: its readiness probe, readiness gates and containers.",
            never=("nothing of that name",),
        ),
    ),
)

_LOCAL = {"type": "NodePort", "externalTrafficPolicy": "Local", "ports": [{**WEB, "nodePort": 31081}]}

NODES = World(
    title="Nodes that get no requests",
    settings={
        "L7Settings": {"serviceType": "NodePort"},
        "nodePortSelector": {"key": "role", "value": "web"},
    },
    objects=(
        ingress_class(),
        node("node-1", labels={"role": "web"}),
        node("node-2", "192.0.2.2", labels={"role": "web"}),
        node("node-3", "192.0.2.3"),
        node("node-4", "2001:db8::4", labels={"role": "web"}),
    ),
    situations=(
        Situation(
            what="a node has not the label that nodePortSelector asks for",
            asks="nodes.com",
            cause="left out on node-3: it has not the label role=web, which nodePortSelector asks for.",
            remedy="Label it so, or correct nodePortSelector.",
            never=("left out on node-1",),
            objects=(
                custom_object(
                    "v1",
                    "Service",
                    "web",
                    namespace="nodes",
                    spec={"type": "NodePort", "ports": [{**WEB, "nodePort": 31080}]},
                ),
                shop("nodes", "nodes.com"),
            ),
        ),
        Situation(
            what="a node has no address of the IP family in use",
            asks="nodes.com",
            cause="left out on node-4: it has no InternalIP of the IP family V4 (AKOSettings.ipFamily).",
            remedy="See why the kubelet reports none.",
            never=("left out on node-2",),
        ),
        Situation(
            what="externalTrafficPolicy is Local, and a node has no pod",
            asks="local.com",
            cause=(
                "left out on node-2: externalTrafficPolicy of the Service is Local, and no endpoint on this node "
                "takes traffic."
            ),
            remedy="Have a ready pod there, or set externalTrafficPolicy to Cluster.",
            never=("left out on node-1",),
            objects=(
                custom_object("v1", "Service", "web", namespace="local", spec=_LOCAL),
                pods("local", pod("10.244.1.1", "web-1", "node-1"), pod("10.244.2.1", "web-2", "node-2", ready=False)),
                shop("local", "local.com"),
            ),
        ),
        Situation(
            what="node ports are used, and the Service has none",
            asks="noport.com",
            cause=(
                "service noport/web is of type ClusterIP, which has no node ports; L7Settings.serviceType NodePort "
                "needs them."
            ),
            remedy="Make it one of type NodePort or LoadBalancer.",
            never=("2 servers",),
            objects=(*web("noport"), shop("noport", "noport.com")),
        ),
    ),
)
