"""Services of type LoadBalancer."""

from __future__ import annotations

from tests.builders import Manifest, endpoints, service
from tests.traffic.updates.world import UpdateWorld

SHARED = {"ako.vmware.com/enable-shared-vip": "one"}


def balancer(name: str, *ports: int, shares: bool = False) -> tuple[Manifest, Manifest]:
    """Build a Service of type LoadBalancer, with an endpoint at each of its ports."""
    its = service(name, type="LoadBalancer")
    named = [{"name": f"p{port}", "port": port, "targetPort": port} for port in ports]
    metadata = {**its["metadata"], "annotations": SHARED if shares else {}}
    address = f"10.0.{sum(name.encode()) % 250}.1"
    behind = endpoints(name, address)
    behind = {**behind, "ports": [{"name": f"p{port}", "port": port} for port in ports]}
    return {**its, "metadata": metadata, "spec": {"type": "LoadBalancer", "ports": named}}, behind


def port_added(world: UpdateWorld) -> None:
    """A Service gets a port beside the one that it has, and gives the first one up."""
    world.declare(*balancer("queue", 5001))
    world.begin()
    world.change(*reversed(balancer("queue", 5001, 5002)))
    world.change(balancer("queue", 5002)[0])


def endpoints_replaced(world: UpdateWorld) -> None:
    """The pods behind a port are scaled and replaced."""
    world.declare(*balancer("queue", 5001))
    world.begin()
    behind = balancer("queue", 5001)[1]
    for addresses in (("10.9.0.1", "10.9.0.2"), ("10.9.0.2",)):
        found = [{"addresses": [address], "conditions": {"ready": True}} for address in addresses]
        world.change({**behind, "endpoints": found})
    world.pods_leave(f"{behind['endpoints'][0]['addresses'][0]}:5001", "10.9.0.1:5001")
    world.go_on()


def address_shared(world: UpdateWorld) -> None:
    """A Service joins another at its address, and leaves it again: it moves, and the other stays."""
    world.declare(*balancer("queue", 5001, shares=True), *balancer("other", 5002))
    world.begin()
    world.change(balancer("other", 5002, shares=True)[0])
    world.change(balancer("other", 5002)[0])
