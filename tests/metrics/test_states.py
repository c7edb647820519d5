"""What metrics tell of a controller in each state it can be in, and what they do not."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from ako.core.base.refs import Kind, NamespacedName
from ako.core.engine.changes import Removed
from ako.core.kube.cluster import WriteOutcome, WriteResult
from ako.core.settings import Fault, LoadedSettings, SettingsError
from ako.sim import Simulator
from ako.testing.rehearsal import ref_of
from tests.builders import NOT_DEFAULT, Manifest, dated_certificate, endpoints, ingress, secret, service
from tests.core.control.running import POOL, SHOP, Running
from tests.e2e.stage import AviControl, config_map
from tests.metrics.exposition import Exposition, scraped
from tests.metrics.page import metrics
from tests.waiting import eventually

SINCE = "_since_timestamp_seconds"
SECONDS = "ako_programming_duration_seconds"
INGRESS = "networking.k8s.io/v1/Ingress"
EDITED = [{"ip": {"addr": "9.9.9.9", "type": "V4"}, "port": 1}]


def host(number: int) -> Manifest:
    return ingress(f"i{number}", (f"h{number}.com", "/", "web:80"))


def tells(ako: Running, condition: Callable[[Exposition], object], what: str) -> Exposition:
    """Wait until metrics tell something; give that scrape."""

    def asked() -> Exposition | None:
        found = scraped(ako)
        return found if condition(found) else None

    return eventually(asked, what)


def at_rest(ako: Running) -> Exposition:
    """Give the metrics of a controller that has nothing left to do, as its next pass tells them."""
    ako.comes_to_rest()
    passes = scraped(ako).value("ako_passes_total")
    ako.controller._inbox.put(lambda: None)
    return tells(ako, lambda told: told.value("ako_passes_total") > passes, "a pass")


def has_full_sync(ako: Running) -> Exposition:
    before = ako.controller.state.full_syncs
    ako.controller._inbox.put(ako.controller.full_sync.request)
    eventually(lambda: ako.controller.state.full_syncs > before, "a full sync")
    return at_rest(ako)


def test_an_outage_is_told_with_the_changes_that_wait_and_hides_nobody_who_is_served(avi: AviControl, url: str) -> None:
    with Running(url) as ako:
        before = at_rest(ako)
        assert (before.value("ako_avi_up"), before.value("ako_changes_waiting")) == (1, 0)
        since, begun = before.value("ako_avi_state_since_timestamp_seconds"), time.time()
        assert begun - 60 < since <= begun
        avi.misbehave({"unreachable": True})
        ako.cluster.declare(host(1), host(2), host(2))
        tells(ako, lambda told: told.by("ako_avi_retries_total", "reason").get("unreachable", 0) > 1, "retries")
        away = scraped(ako)
        assert away.value("ako_avi_up") == 0
        assert away.value("ako_avi_state_since_timestamp_seconds") >= begun
        assert away.value("ako_changes_waiting") == 2, "an object that changes twice waits once"
        oldest = away.value("ako_changes_waiting_since_timestamp_seconds")
        assert begun <= oldest <= time.time()
        assert away.by("ako_avi_refusals_total", "reason") == {}
        assert (away.value("ako_hosts_served"), away.by("ako_hosts_unserved", "reason")) == (1, {"Pending": 2})
        assert away.value(f"{SECONDS}_count", source=INGRESS) == 0
        avi.misbehave(None)
        eventually(lambda: avi.pool_of("h2.com"), "served")
        after = at_rest(ako)
        assert after.value("ako_avi_up") == 1
        assert after.value("ako_avi_state_since_timestamp_seconds") > away.value(
            "ako_avi_state_since_timestamp_seconds"
        )
        assert (after.value("ako_changes_waiting"), after.value("ako_changes_waiting_since_timestamp_seconds")) == (
            0,
            0,
        )
        assert after.value(f"{SECONDS}_count", source=INGRESS) == 2
        assert 0 < after.value(f"{SECONDS}_sum", source=INGRESS) <= 2 * (time.time() - oldest + 1)
        assert (after.value("ako_hosts_served"), after.by("ako_hosts_unserved", "reason")) == (3, {})


def test_before_another_controller_has_been_read_nothing_is_told_of_what_is_on_it(avi: AviControl, url: str) -> None:
    with Simulator() as other, AviControl(other.url) as there, Running(url) as ako:
        before = at_rest(ako)
        assert before.value("ako_avi_objects", type="pool") == 1
        there.misbehave({"unreachable": True})
        ako.reload = lambda *_: ako.settings(other.url)
        ako.cluster.declare(config_map(changed="controller"))
        told = tells(ako, lambda told: "ako_avi_objects" not in told, "nothing of what is there")
        assert [row.name for row in metrics() if row.present.startswith("known") and row.name in told] == []
        assert told.value("ako_avi_up") == 0
        told = tells(ako, lambda told: told.value("ako_full_syncs_total", result="failed") > 0, "that it is in vain")
        assert told.value("ako_full_sync_last_success_timestamp_seconds") == 0
        assert told.value("ako_full_syncs_total", result="done") == before.value("ako_full_syncs_total", result="done")
        there.misbehave(None)
        eventually(lambda: there.pool_of("shop.com"), "served there")
        after = at_rest(ako)
        assert (after.value("ako_avi_up"), after.value("ako_avi_objects", type="pool")) == (1, 1)
        assert after.value("ako_hosts_served") == 1
        assert time.time() - 60 < after.value("ako_full_sync_last_success_timestamp_seconds") <= time.time()
        assert 0 < after.value("ako_full_sync_last_duration_seconds") < 60


@pytest.mark.parametrize(("status", "reason"), [(400, "rejected"), (403, "forbidden")])
def test_what_is_refused_is_counted_while_it_is_and_its_host_with_it(
    avi: AviControl, url: str, status: int, reason: str
) -> None:
    fault = {"match": {"method": "POST", "model": "pool"}, "status": status, "body": {"error": "no"}}
    with Running(url) as ako:
        writes = at_rest(ako).value("ako_avi_writes_total", action="create", type="pool")
        assert writes == 1
        avi.misbehave(fault)
        ako.cluster.declare(host(1))
        tells(ako, lambda told: told.by("ako_hosts_unserved", "reason") == {"Rejected": 1}, "one refused")
        told = at_rest(ako)
        assert told.by("ako_avi_refusals_total", "reason") == {reason: 1}
        assert told.by("ako_avi_retries_total", "reason") == {reason: 1}
        assert (told.value("ako_avi_refused"), told.value("ako_hosts_served")) == (1, 1)
        assert told.by("ako_problems", "reason") == {"Rejected": 1}
        assert told.value("ako_avi_writes_total", action="create", type="pool") == writes
        assert told.value("ako_changes_waiting") == 0, "what it will not take does not wait"
        avi.misbehave(None)
        told = has_full_sync(ako)
        eventually(lambda: avi.pool_of("h1.com"), "served")
        told = at_rest(ako)
        assert (told.value("ako_avi_refused"), told.value("ako_hosts_served")) == (0, 2)
        assert (told.by("ako_hosts_unserved", "reason"), told.by("ako_problems", "reason")) == ({}, {})
        assert told.by("ako_avi_refusals_total", "reason") == {reason: 1}, "a count does not fall"


def test_what_is_refused_stays_so_while_it_is_tried_again(avi: AviControl, url: str) -> None:
    """An alert waits for it to last: for whoever looks just then it must not have been mended."""
    fault = {"match": {"method": "POST", "model": "pool"}, "status": 400, "body": {"error": "no"}}
    with Running(url) as ako:
        at_rest(ako)
        avi.misbehave(fault)
        ako.cluster.declare(host(1))
        tells(ako, lambda told: told.value("ako_avi_refused") == 1, "one refused")
        syncs = at_rest(ako).value("ako_full_syncs_total", result="done")
        avi.misbehave(None)
        avi.misbehave({**fault, "delay_ms": 1500})
        ako.controller._inbox.put(ako.controller.full_sync.request)

        def is_tried(told: Exposition) -> bool:
            read = told.value("ako_full_syncs_total", result="done") > syncs
            return read and ako.controller.reconciler.dispatcher.is_busy

        assert tells(ako, is_tried, "another try").value("ako_avi_refused") == 1
        assert at_rest(ako).value("ako_avi_refused") == 1


@pytest.mark.parametrize("fault", [None, {"match": {"method": "POST", "model": "pool"}, "status": 400, "body": {}}])
def test_what_cannot_be_had_is_no_longer_counted_once_nobody_wants_it(
    avi: AviControl, url: str, fault: dict[str, object] | None
) -> None:
    """Refused, or there already and of somebody else."""
    name, cloud = "c--h1.com_-default-i1", "/api/cloud/?name=Default-Cloud"
    with Running(url) as ako:
        at_rest(ako)
        avi.create(
            "pool", {"name": name, "cloud_ref": cloud, "created_by": "somebody"}
        ) if not fault else avi.misbehave(fault)
        ako.cluster.declare(host(1))
        tells(ako, lambda told: told.by("ako_hosts_unserved", "reason") == {"Rejected": 1}, "one that is not served")
        told = at_rest(ako)
        assert told.by("ako_avi_refusals_total", "reason") == {"rejected" if fault else "taken": 1}
        assert told.value("ako_avi_refused") == 1
        ako.cluster.tell(Removed(Kind("networking.k8s.io", "v1", "Ingress"), NamespacedName("default", "i1")))
        told = tells(ako, lambda told: told.value("ako_avi_refused") == 0, "nothing refused")
        told = at_rest(ako)
        assert (told.by("ako_hosts_unserved", "reason"), told.by("ako_problems", "reason")) == ({}, {})
        assert (told.value("ako_hosts_served"), told.value("ako_changes_waiting")) == (1, 0)


def test_a_controller_that_does_not_let_us_in_is_not_up(url: str) -> None:
    with Running(url, avicredentials__password="wrong") as ako:
        told = tells(ako, lambda told: told.value("ako_full_syncs_total", result="failed") > 0, "a full sync in vain")
        assert "ako_avi_up" in told
        assert told.value("ako_avi_up") == 0
        assert told.value("ako_avi_state_since_timestamp_seconds") > 0
        assert told.value("ako_full_sync_last_success_timestamp_seconds") == 0
        assert "ako_hosts_served" not in told


def test_a_fault_in_counting_is_counted_and_keeps_nothing_from_being_done(avi: AviControl, url: str) -> None:
    with Running(url) as ako:
        at_rest(ako)
        census = ako.controller.reconciler.reporter.census
        del census._hosts
        ako.cluster.declare(host(1))
        eventually(lambda: avi.pool_of("h1.com"), "served")
        eventually(lambda: ako.controller.state.faults.get("metrics"), "counted")
        assert ako.is_alive


def test_what_waits_for_being_confirmed_stays_served_and_is_no_change_on_its_way(avi: AviControl, url: str) -> None:
    with Running(url, manifests=(*SHOP, host(1), host(2))) as ako:
        assert at_rest(ako).value("ako_guard_held_since_timestamp_seconds") == 0
        begun = time.time()
        ako.cluster.declare(NOT_DEFAULT)
        tells(ako, lambda told: told.value("ako_guard_held") == 3, "a held plan")
        held = at_rest(ako)
        since = held.value("ako_guard_held_since_timestamp_seconds")
        assert begun <= since <= time.time()
        assert (held.value("ako_hosts_served"), held.by("ako_hosts_unserved", "reason")) == (3, {})
        assert held.value("ako_changes_waiting") == 0
        assert has_full_sync(ako).value("ako_guard_held_since_timestamp_seconds") == since, "not since it was seen last"
        plan = ako.controller.state.held.id
        ako.cluster.declare(config_map({"ako.vmware.com/confirm-deletion": plan}, confirmed="yes"))
        eventually(lambda: not avi.pool_of("shop.com"), "it is done")
        after = at_rest(ako)
        assert [after.value(f"ako_guard_held{end}") for end in ("", "_since_timestamp_seconds")] == [0, 0]
        assert after.value("ako_hosts_served") == 0
        assert after.by(f"{SECONDS}_count", "source").get("networking.k8s.io/v1/IngressClass") is None


def test_a_change_that_needs_no_write_is_done_at_once_and_not_measured(url: str) -> None:
    with Running(url) as ako:
        before = at_rest(ako)
        ako.cluster.declare(service("nobodys"), SHOP[-1])
        after = at_rest(ako)
        assert after.value("ako_changes_waiting") == 0
        assert after.by(f"{SECONDS}_count", "source") == before.by(f"{SECONDS}_count", "source") == {}
        ako.cluster.declare(host(1), service("nobodys", 81))
        assert at_rest(ako).by(f"{SECONDS}_count", "source") == {INGRESS: 1}


def test_what_changes_counts_by_its_kind_whatever_it_is_and_so_does_what_goes(avi: AviControl, url: str) -> None:
    now, day = datetime.now(UTC), timedelta(days=1)
    bank = ingress("bank", ("bank.com", "/", "web:80"), tls={"bank.com": "cert"})
    first, second = (secret("cert", *dated_certificate(now - day, now + days * day, "bank.com")) for days in (9, 99))
    with Running(url, manifests=(*SHOP, bank, first)) as ako:
        at_rest(ako)
        ako.cluster.declare(endpoints("web", "10.0.0.2"))
        assert at_rest(ako).by(f"{SECONDS}_count", "source") == {str(ref_of(SHOP[2]).kind): 1}
        ako.cluster.declare(second)
        assert at_rest(ako).by(f"{SECONDS}_count", "source")["v1/Secret"] == 1
        ako.cluster.tell(Removed(ref_of(bank).kind, ref_of(bank).namespaced_name))
        eventually(lambda: "virtualservice/c--bank.com" not in avi.ours(), "bank.com gone")
        told = at_rest(ako)
        assert told.value(f"{SECONDS}_count", source=INGRESS) == 1
        assert (told.value("ako_hosts_served"), told.by("ako_certificates", "expires")) == (1, {})
        assert told.value("ako_avi_writes_total", action="delete", type="virtualservice") == 1


@pytest.mark.parametrize("fails", [False, True])
def test_an_edit_is_found_once_and_repaired_once_however_many_tries_that_takes(
    avi: AviControl, url: str, *, fails: bool
) -> None:
    with Running(url) as ako:
        at_rest(ako)
        avi.edit("pool", POOL, servers=EDITED)
        if fails:
            avi.misbehave({"match": {"method": "PUT", "model": "pool"}, "status": 503, "body": {}, "times": 1})
            avi.misbehave({"match": {"method": "PATCH", "model": "pool"}, "status": 503, "body": {}, "times": 1})
        has_full_sync(ako)
        told = tells(ako, lambda told: told.by("ako_drift_repaired_total", "type"), "a repair")
        assert told.by("ako_drift_found_total", "type") == told.by("ako_drift_repaired_total", "type") == {"pool": 1}
        assert bool(told.by("ako_avi_retries_total", "reason")) is fails
        assert has_full_sync(ako).by("ako_drift_found_total", "type") == {"pool": 1}, "it is as it should be"


def test_an_edit_that_is_left_is_found_and_not_repaired_and_our_own_changes_are_no_edits(
    avi: AviControl, url: str
) -> None:
    with Running(url, ako__drift__policy="report", L7Settings__shardVSSize="SMALL") as ako:
        at_rest(ako)
        ako.cluster.declare(host(1))
        assert has_full_sync(ako).by("ako_drift_found_total", "type") == {}
        avi.edit("pool", POOL, servers=EDITED)
        told = has_full_sync(ako)
        assert told.by("ako_drift_found_total", "type") == {"pool": 1}
        assert told.by("ako_drift_repaired_total", "type") == {}
        avi.misbehave({"match": {"method": "POST", "model": "pool"}, "status": 400, "body": {}})
        ako.cluster.declare(host(2))
        tells(ako, lambda told: told.value("ako_avi_refused") == 1, "a plan that is made again, of all there is")
        assert at_rest(ako).by("ako_drift_found_total", "type") == {"pool": 1}, "not found anew"


def test_certificates_are_counted_by_the_time_that_is_left_each_once_and_go_with_their_hosts(url: str) -> None:
    now, day = datetime.now(UTC), timedelta(days=1)
    ends = {"expired": now - day, "1d": now + day / 2, "30d": now + 20 * day, "later": now + 400 * day}
    manifests: list[Manifest] = []
    for word, end in ends.items():
        manifests.append(secret(f"cert-{word}", *dated_certificate(now - 500 * day, end, "*.shop.com")))
        manifests.append(ingress(word, (f"a{word}.shop.com", "/", "web:80"), tls={f"a{word}.shop.com": f"cert-{word}"}))
    again = ingress("again", ("b.shop.com", "/", "web:80"), tls={"b.shop.com": "cert-1d"})
    with Running(url, manifests=(*SHOP, *manifests, again)) as ako:
        told = at_rest(ako)
        assert told.by("ako_certificates", "expires") == dict.fromkeys(ends, 1)
        soonest = told.value("ako_certificate_soonest_expiry_timestamp_seconds")
        assert soonest == int(ends["expired"].timestamp())
        ako.cluster.declare(ingress("expired", ("plain.shop.com", "/", "web:80")))
        told = tells(ako, lambda told: "expired" not in told.by("ako_certificates", "expires"), "one less")
        assert told.by("ako_certificates", "expires") == {"1d": 1, "30d": 1, "later": 1}
        assert told.value("ako_certificate_soonest_expiry_timestamp_seconds") == int(ends["1d"].timestamp())
        ako.reload = lambda *_: ako.settings(url, AKOSettings__deleteConfig=True)
        ako.cluster.declare(config_map(deleteConfig="true"))
        told = tells(ako, lambda told: told.value("ako_hosts_served") == 0, "everything gone")
        assert "ako_certificate_soonest_expiry_timestamp_seconds" not in told
        assert told.by("ako_certificates", "expires") == {}


def test_a_status_that_is_refused_fails_and_waits_and_is_written_in_the_end(url: str) -> None:
    ako = Running(url)
    ako.cluster.answers = [WriteResult(WriteOutcome.REFUSED, "no"), WriteResult(WriteOutcome.RETRY, "later")]
    with ako:
        told = tells(ako, lambda told: told.value("ako_status_writes_total", result="failed") == 2, "two failures")
        told = tells(ako, lambda told: told.value("ako_status_writes_total", result="written") == 1, "the status")
        assert told.value("ako_reports_waiting") == 0
        ako.cluster.answers = [WriteResult(WriteOutcome.GONE)]
        ako.cluster.declare(host(1))
        told = at_rest(ako)
        assert told.value("ako_status_writes_total", result="failed") == 2, "what is gone is no failure"
        ako.cluster.declare(ingress("bad", ("*bad.com", "/", "web:80")))
        tells(ako, lambda told: told.value("ako_event_writes_total", result="written") == 1, "the Event")


def test_settings_that_cannot_be_used_are_told_until_they_can(url: str) -> None:
    def unusable(*_: object) -> LoadedSettings:
        raise SettingsError([Fault("AKOSettings.x", "is no setting", "Remove it.")])

    with Running(url) as ako:
        assert at_rest(ako).value("ako_settings_in_force") == 1
        begun = time.time()
        ako.reload = unusable
        ako.cluster.declare(config_map(changed="badly"))
        told = tells(ako, lambda told: told.value("ako_settings_in_force") == 0, "the rejection")
        since = told.value("ako_settings_rejected_since_timestamp_seconds")
        assert begun <= since <= time.time()
        ako.cluster.declare(config_map(changed="otherwise, and badly"))
        assert at_rest(ako).value("ako_settings_rejected_since_timestamp_seconds") == since
        ako.reload = lambda *_: ako.settings(url, AKOSettings__apiServerPort=8081)
        ako.cluster.declare(config_map(changed="well"))
        told = tells(ako, lambda told: told.value("ako_settings_in_force") == 1, "all in force")
        assert told.value("ako_settings_rejected_since_timestamp_seconds") == 0
        assert told.value("ako_settings_restart_needed") == 1
        ako.reload = lambda *_: ako.settings(url)
        ako.cluster.declare(config_map(changed="back"))
        tells(ako, lambda told: told.value("ako_settings_restart_needed") == 0, "no restart needed")


def test_a_vsvip_that_lost_its_address_is_told_until_it_has_one(avi: AviControl, url: str) -> None:
    with Running(url) as ako:
        assert at_rest(ako).value("ako_virtual_services_without_address") == 0
        name = next(name for name in avi.ours() if name.startswith("vsvip/")).removeprefix("vsvip/")
        bare = {**avi.named("vsvip", name), "vip": [{"vip_id": "0", "auto_allocate_ip": True}]}
        body = {"count": 1, "results": [bare]}
        avi.misbehave({"match": {"model": "vsvip", "method": "GET"}, "status": 200, "body": body})
        told = has_full_sync(ako)
        assert told.value("ako_virtual_services_without_address") == 1
        assert (told.value("ako_hosts_served"), told.by("ako_hosts_unserved", "reason")) == (0, {"NoAddress": 1})
        avi.misbehave(None)
        tells(ako, lambda told: told.value("ako_virtual_services_without_address") == 0, "an address")
        tells(ako, lambda told: told.value("ako_hosts_served") == 1, "the host, served")


def test_series_do_not_grow_with_hosts_and_a_scrape_disturbs_nobody(avi: AviControl, url: str) -> None:
    """Many scrape while everything changes: each gets a whole exposition."""
    with Running(url, L7Settings__shardVSSize="SMALL") as ako:
        ako.cluster.declare(host(0), ingress("bad", ("*bad.com", "/", "web:80")))
        at_rest(ako)
        ako.cluster.declare(host(1))
        few = at_rest(ako).series()
        failures: list[Exception] = []
        is_over = threading.Event()

        def scrape() -> None:
            while not is_over.is_set():
                try:
                    assert scraped(ako).value("ako_leader") == 1
                except Exception as error:  # noqa: BLE001 - told below
                    failures.append(error)

        threads = [threading.Thread(target=scrape) for _ in range(3)]
        for thread in threads:
            thread.start()
        ako.cluster.declare(
            *map(host, range(2, 40)), *(ingress(f"b{n}", (f"*b{n}.com", "/", "web:80")) for n in range(9))
        )
        eventually(lambda: avi.pool_of("h39.com"), "all served")
        is_over.set()
        for thread in threads:
            thread.join()
        assert failures == []
        many = at_rest(ako)
        assert (many.value("ako_hosts_served"), many.value("ako_problems", reason="WildcardHost")) == (41, 10)
        assert many.series() == few
