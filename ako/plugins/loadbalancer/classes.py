"""Is this Service ours? By its type and its class."""

from __future__ import annotations

from ako import SETTINGS, View, Whose
from ako.plugins.loadbalancer.records import CLASS, BalancedService

LAYER_7_ONLY = Whose(
    "AKOSettings.layer7Only is true: Services of type LoadBalancer are not served.", "Set it to false."
)
NAMES_OURS = Whose(f"spec.type is LoadBalancer, and spec.loadBalancerClass is {CLASS}.", is_ours=True)
TAKES_UNNAMED = Whose(
    "spec.type is LoadBalancer, spec.loadBalancerClass is not set, and L4Settings.defaultLBController is true.",
    is_ours=True,
)
LEAVES_UNNAMED = Whose(
    "spec.loadBalancerClass is not set, and L4Settings.defaultLBController is false.",
    f"Set spec.loadBalancerClass to {CLASS}; it can be set only when a Service is created.",
)


def whose(service: BalancedService, view: View) -> Whose:
    """Say whether a Service is for us: of type LoadBalancer, and of our class or, if we are the default, of none."""
    if service.spec.type != "LoadBalancer":
        why = f"spec.type is {service.spec.type}: it asks for no address; it may be behind an Ingress or a Route."
        return Whose(why, "Make it one of type LoadBalancer to have it on an address of its own.")
    settings = view.input(SETTINGS)
    if settings.ako_settings.layer7_only:
        return LAYER_7_ONLY
    name = service.spec.load_balancer_class
    if not name:
        return TAKES_UNNAMED if settings.l4_settings.default_lb_controller else LEAVES_UNNAMED
    if name == CLASS:
        return NAMES_OURS
    why = f"spec.loadBalancerClass is {name}, not {CLASS}."
    return Whose(why, f"Create it anew with the class {CLASS}: that of a Service cannot be changed.")
