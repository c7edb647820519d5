"""What becomes of the product and of the Avi Controller, amid changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from tests import e2e
from tests.builders import Manifest, certificate_for, endpoints, ingress, secret, tls_secret
from tests.traffic.updates.stories.ordinary import CERTIFIED, PATHS, begun
from tests.traffic.updates.world import UpdateWorld
from tests.waiting import eventually

UPGRADE = Path(e2e.__file__).parent / "upgrade"
MARK_THERE = "5d0c7f0e-upgrade"
MOST_KILLS = 8


def _edited(number: int) -> list[Manifest]:
    """Give edits of all that `begun` serves: pods, a certificate, paths, TLS of one more host."""
    return [
        endpoints("web", "10.0.0.1", f"10.0.7.{number + 1}"),
        secret("cert", *certificate_for(f"cert{number}.com")),
        ingress("shop", *(("shop.com", *path) for path in (*PATHS, (f"/n{number}", "api:80"))), tls=CERTIFIED),
        ingress("plain", *(("plain.com", *path) for path in PATHS), tls={"plain.com": "cert"} if number % 2 else None),
        ingress("more", (f"more{number}.com", "/", "web:80"), ("plain.com", "/more", "web:80")),
    ]


def restarted(world: UpdateWorld) -> None:
    """The product is stopped and started again; things change while it is away."""
    begun(world)
    world.stop()
    world.go_on()
    world.start()
    world.settle()
    world.stop()
    world.change(*_edited(1), converges=False)
    world.go_on()
    world.start()
    world.settle()


def killed(world: UpdateWorld) -> None:
    """The product is killed (SIGKILL) at one write after the other, and started again."""
    begun(world)
    for number in range(1, MOST_KILLS, 3):
        dead = world.kill_at_write(number)
        world.change(*_edited(number), converges=False)
        eventually(dead.is_set, f"write {number}")
        world.go_on()
        world.start_again()
        world.settle()


def sessions_lost(world: UpdateWorld) -> None:
    """The Controller ends all sessions, or changes their CSRF token, and things change then."""
    begun(world)
    world.avi.expire_sessions()
    world.change(*_edited(1))
    world.avi.change_csrf()
    world.change(*_edited(2))


def errors_for_a_while(world: UpdateWorld) -> None:
    """The Controller answers 5xx, before and after it carried requests out, and hangs up, amid changes."""
    begun(world)
    faults: list[dict[str, Any]] = [
        {"match": {"method": "POST"}, "status": 503, "times": 2},
        {"match": {"method": "PATCH"}, "status": 500, "when": "after", "times": 2},
        {"match": {"method": "PUT"}, "drop": True, "when": "after", "times": 1},
        {"match": {"method": "DELETE"}, "status": 502, "times": 1},
    ]
    for fault in faults:
        world.avi.misbehave(fault)
    world.change(*_edited(1))
    world.avi.misbehave(None)
    world.change(*_edited(2))


def restored(world: UpdateWorld) -> None:
    """The Controller is put back to a backup: until a full sync clients get what was promised then, or is now."""
    world.configure(AKOSettings={"fullSyncFrequency": 1})
    begun(world)
    backup = world.avi.back_up()
    since_then = world.change(*_edited(1))
    world.allowance.allow(*since_then)
    world.avi.restore(backup)
    world.settle()


def drifted(world: UpdateWorld) -> None:
    """Others edit and delete objects so that nobody is answered otherwise; a full sync repairs it."""
    world.configure(AKOSettings={"fullSyncFrequency": 1})
    begun(world, tls_secret("unused", "unused.com"), ingress("unused", ("shop.com", "/unused", "api:80"),
                                                            tls={"shop.com": "unused"}))  # fmt: skip
    for pool in world.avi.objects("pool"):
        if len(pool["servers"]) > 1:
            world.avi.edit("pool", pool["name"], servers=pool["servers"][1:])
    for group in world.avi.objects("poolgroup"):
        members = [{**member, "ratio": 7} for member in group["members"]]
        world.avi.edit("poolgroup", group["name"], members=members)
    world.go_on()
    world.settle()


def names_replaced(world: UpdateWorld) -> None:
    """The objects are those of the release before, some of them under other names."""
    world.configure(AKOSettings={"clusterName": "c"})
    for manifest in yaml.safe_load_all((UPGRADE / "manifests.yaml").read_bytes()):
        if manifest["kind"] != "Namespace":
            world.declare(manifest)
    world.declare(*(tls_secret("cert", "shop.com", namespace=namespace) for namespace in ("red", "blue")))
    certificate, key = certificate_for("shop.com")
    uid = world.kube.get("Namespace", "", "kube-system")["metadata"]["uid"]  # type: ignore[index]
    texts = {"{certificate}": certificate, "{key}": key, MARK_THERE: uid}
    for entry in json.loads((UPGRADE / "controller.json").read_text(encoding="utf-8")):
        world.avi.create(entry["type"], _filled(entry["body"], texts))
    world.ask_on()
    world.start()
    world.settle()


def _filled(value: Any, texts: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(item, texts) for name, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, texts) for item in value]
    return texts.get(value, value) if isinstance(value, str) else value
