"""Where the product FAQ of AKO answers "restart it": here the same process goes on, and its pid shows it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.builders import Manifest, endpoints, ingress, service, tls_secret
from tests.e2e.stage import Running, Stage, config_map
from tests.waiting import eventually

SHARED = "virtualservice/c--Shared-L7-7"
CONDITION = "ako.vmware.com/ObjectDeletionInProgress"


@contextmanager
def one_process(stage: Stage) -> Iterator[Running]:
    """Run the product, and insist at the end that it is still the process that was started."""
    with stage.start("--report", str(stage.report)) as ako:
        yield ako
        assert ako.process.poll() is None, ako.err[-2000:]
        ako.stop()


def served(stage: Stage, host: str) -> None:
    eventually(lambda: stage.avi.pool_of(host), f"{host} served")


def test_cleaning_up_and_coming_back(stage: Stage) -> None:
    """FAQ 1: everything of ours goes while running, the condition follows, and all comes back."""
    stateful_set = {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": {"name": "ako", "namespace": "avi-system"},
    }
    stage.put("config", config_map(deleteConfig="false"), stateful_set)
    with one_process(stage) as ako:
        served(stage, "shop.com")
        eventually(lambda: _last_status(stage, "Ingress/default/shop"), "its status")
        stage.put("config", config_map(deleteConfig="true"), stateful_set)
        eventually(lambda: not stage.avi.ours(), "nothing of ours left")
        eventually(lambda: _reasons(stage)[-1:] == ["Done"], "the condition")
        assert _reasons(stage) == ["Started", "Done"]
        none = {"loadBalancer": {"ingress": None}}
        eventually(lambda: _last_status(stage, "Ingress/default/shop") == none, "its status gone")
        ako.becomes_ready()
        stage.put("config", config_map(deleteConfig="false"), stateful_set)
        served(stage, "shop.com")
        eventually(lambda: _conditions(stage)[-1] == [], "the condition gone")


def test_cleaning_up_with_nothing_there_is_done_at_once(stage: Stage) -> None:
    stage.put("config", config_map(deleteConfig="true"))
    with one_process(stage) as ako:
        ako.becomes_ready()
        eventually(lambda: "AKODeleteConfigDone" in stage.report.read_text(), "done")
        assert stage.avi.ours() == {}
        assert stage.avi.writes_since(0) == []


def test_cleaning_up_is_not_done_while_an_object_may_still_come(stage: Stage) -> None:
    """What was under way when it began is waited for, though nothing of ours is there yet."""
    stage.remove("shop")
    stage.put("config", config_map(deleteConfig="false"))
    with stage.start("--report", str(stage.report)) as ako:
        ako.becomes_ready()
        for model in ("vsvip", "pool"):
            stage.avi.misbehave({"match": {"method": "POST", "model": model}, "delay_ms": 4000, "times": 1})
        stage.put("shop", ingress("shop", ("shop.com", "/", "web:80")))
        eventually(stage.avi.has_struck, "the first objects under way")
        assert stage.avi.ours() == {}
        stage.put("config", config_map(deleteConfig="true"))
        eventually(lambda: "AKODeleteConfigDone" in stage.report.read_text(), "done")
        ako.stop()
    assert stage.avi.ours() == {}


def test_an_unused_shared_virtual_service_goes_after_its_grace_period(stage: Stage) -> None:
    """FAQ 2: no restart is needed to be rid of it."""
    stage.configure(ako={"gc": {"sharedVsGracePeriod": 1}})
    with one_process(stage):
        served(stage, "shop.com")
        stage.remove("shop")
        eventually(lambda: not stage.avi.ours(), "everything of it gone")


def test_its_address_can_be_kept(stage: Stage) -> None:
    stage.configure(ako={"gc": {"sharedVsGracePeriod": 1, "keepVip": True}})
    with one_process(stage):
        served(stage, "shop.com")
        address = stage.avi.named("vsvip", "c--Shared-L7-7")["vip"][0]["ip_address"]
        stage.remove("shop")
        eventually(lambda: list(stage.avi.ours()) == ["vsvip/c--Shared-L7-7"], "only the VsVip left")
        stage.put("shop", ingress("shop", ("shop.com", "/", "web:80")))
        eventually(lambda: SHARED in stage.avi.ours(), "served again")
        assert stage.avi.named("vsvip", "c--Shared-L7-7")["vip"][0]["ip_address"] == address


def test_another_number_of_shards_moves_no_live_host(stage: Stage) -> None:
    """FAQ 5 and 6: said, with the hosts it concerns; after deleteConfig the new number applies."""
    stage.put("config", config_map(shardVSSize="LARGE"))
    with one_process(stage) as ako:
        stage.comes_in_line()
        mark = stage.avi.mark()
        stage.put("config", config_map(shardVSSize="SMALL"))
        ako.says("1 live host stays on another shard than the settings give: shop.com (shard 7)")
        ako.explains("[+] shards 1 live host stays")
        assert "1 live host stays on another shard" in stage.ako("plan").stdout
        stage.put("new", ingress("new", ("new.com", "/", "web:80")))
        eventually(lambda: "virtualservice/c--Shared-L7-0" in stage.avi.ours(), "a new host by the new number")
        assert SHARED in stage.avi.ours()
        assert not [w for w in stage.avi.writes_since(mark) if w.method == "DELETE"]
        stage.put("config", config_map(shardVSSize="SMALL", deleteConfig="true"))
        eventually(lambda: not stage.avi.ours(), "nothing of ours left")
        stage.put("config", config_map(shardVSSize="SMALL"))
        served(stage, "shop.com")
        eventually(lambda: SHARED not in stage.avi.ours() and len(_parents(stage)) == 1, "all on the one shard")


def test_the_next_claimant_takes_over_at_once(stage: Stage) -> None:
    """FAQ 10: the oldest is served, the other one told; when the oldest goes the other is served."""
    older = ingress("older", ("dup.com", "/", "web:80"), created="2026-01-01T00:00:00Z")
    younger = ingress("younger", ("dup.com", "/", "web:80"), created="2026-01-02T00:00:00Z")
    stage.put("older", older)
    stage.put("younger", younger)
    with one_process(stage) as ako:
        eventually(lambda: "pool/c--dup.com_-default-older" in stage.avi.ours(), "the older one")
        ako.says('Duplicate entries found for hostpath default/younger: dup.com/ in ingresses: ["default/older"]')
        assert "pool/c--dup.com_-default-younger" not in stage.avi.ours()
        stage.remove("older")
        eventually(lambda: "pool/c--dup.com_-default-younger" in stage.avi.ours(), "the younger one")


def test_input_that_is_invalid_at_start_is_mended_while_running(stage: Stage) -> None:
    """FAQ 17: said in one line, not ready, and it carries on by itself."""
    profile = stage.avi.named("cloud", "Default-Cloud")["ipam_provider_ref"]
    stage.avi.edit("cloud", "Default-Cloud", ipam_provider_ref=None)
    with one_process(stage) as ako:
        ako.says("Invalid input detected")
        assert "ipam_provider_ref" in ako.err
        assert not ako.is_ready()
        assert stage.avi.ours() == {}
        stage.avi.edit("cloud", "Default-Cloud", ipam_provider_ref=profile)
        served(stage, "shop.com")
        ako.becomes_ready()


def test_a_new_password_is_taken_up(stage: Stage) -> None:
    """A Secret with the right password mends a wrong one."""
    credentials = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "avi-secret", "namespace": "avi-system"}}
    stage.put("secret", {**credentials, "stringData": {"username": "admin", "password": "wrong"}})
    stage.configure(AKOSettings={"logLevel": "INFO"})
    with one_process(stage) as ako:
        ako.says("401 Invalid credentials: avicredentials.password (Secret avi-secret, key password); correct it, or ")
        stage.put("secret", {**credentials, "stringData": {"username": "admin", "password": "admin"}})
        served(stage, "shop.com")
        ako.says("answers again after ")


def test_a_secret_with_an_entry_that_is_no_text_changes_nothing(stage: Stage) -> None:
    """The entry is named, its value is not; what it says at a start is said while running too."""
    credentials = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "avi-secret", "namespace": "avi-system"}}
    good = {**credentials, "stringData": {"username": "admin", "password": "admin"}}
    bad = {**credentials, "data": {"username": "YWRtaW4=", "password": "geheim!"}}
    stage.configure(AKOSettings={"logLevel": "INFO"})
    stage.put("secret", good)
    with one_process(stage) as ako:
        served(stage, "shop.com")
        stage.put("secret", bad)
        ako.says("the settings in force stay: Secret avi-system/avi-secret: data.password is not base64 of UTF-8 text")
        stage.put("third", ingress("third", ("third.com", "/", "web:80")))
        served(stage, "third.com")
        stage.put("secret", good)
        ako.says("the settings can be used again")
        assert "geheim" not in ako.err


def test_a_large_deletion_waits_for_being_confirmed(stage: Stage) -> None:
    many = [
        manifest
        for n in range(8)
        for manifest in (service(f"s{n}"), endpoints(f"s{n}", f"10.1.0.{n}"), _secure(n), _tls(n))
    ]
    stage.put("many", *many)
    with one_process(stage) as ako:
        eventually(lambda: all(_last_status(stage, f"Ingress/default/i{n}") for n in range(8)), "eight told as served")
        assert len(_children(stage)) == 8
        stage.remove("many")
        ako.says("ako.vmware.com/confirm-deletion")
        ako.becomes_unready()
        assert len(_children(stage)) == 8

        def is_confirmed() -> bool:
            """Confirm what was told last: what would be deleted may still change, and has another name then."""
            plan = ako.err.split("ako.vmware.com/confirm-deletion: ")[-1].split()[0]
            stage.put("config", config_map({"ako.vmware.com/confirm-deletion": plan}))
            return not _children(stage)

        eventually(is_confirmed, "the children gone")
        ako.becomes_ready()


@pytest.mark.parametrize("policy", ["repair", "report"])
def test_drift_is_told_and_repaired_or_left(stage: Stage, policy: str) -> None:
    """FAQ 9: by policy; a full sync without drift writes nothing."""
    stage.configure(AKOSettings={"fullSyncFrequency": 1}, ako={"drift": {"policy": policy}})
    with one_process(stage) as ako:
        served(stage, "shop.com")
        ako.becomes_ready()
        eventually(lambda: SHARED in stage.avi.ours(), "all there")
        pool = "c--shop.com_-default-shop"
        stage.avi.edit("pool", pool, sni_enabled=True)
        ako.says(f"pool {pool} was changed (sni_enabled) by somebody else")
        if policy == "repair":
            eventually(lambda: not stage.avi.named("pool", pool)["sni_enabled"], "repaired")
        else:
            assert stage.avi.named("pool", pool)["sni_enabled"]
            ako.says("left as it is (ako.drift.policy)")


def _secure(number: int) -> Manifest:
    host = f"t{number}.com"
    return ingress(f"i{number}", (host, "/", f"s{number}:80"), tls={host: f"tls-{number}"})


def _tls(number: int) -> Manifest:
    return tls_secret(f"tls-{number}", "t.com")


def _children(stage: Stage) -> list[str]:
    return [name for name, item in stage.avi.ours().items() if item.get("type") == "VS_TYPE_VH_CHILD"]


def _parents(stage: Stage) -> list[str]:
    return [name for name, item in stage.avi.ours().items() if item.get("type") == "VS_TYPE_VH_PARENT"]


def _conditions(stage: Stage) -> list[list[dict[str, str]]]:
    statuses = (line for line in stage.reported() if "StatefulSet" in line["object"] and "status" in line)
    return [[c for c in line["status"]["conditions"] or [] if c["type"] == CONDITION] for line in statuses]


def _reasons(stage: Stage) -> list[str]:
    return [conditions[0]["reason"] for conditions in _conditions(stage) if conditions]


def _last_status(stage: Stage, suffix: str) -> object:
    found = [line["status"] for line in stage.reported() if line["object"].endswith(suffix) and "status" in line]
    return found[-1] if found else None
