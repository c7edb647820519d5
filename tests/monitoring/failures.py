"""What can go wrong, how it is brought about, and what an operator sees of it.

In texts `…` stands for anything: ports, times, ids.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.builders import ingress
from tests.e2e.test_another_mode import make_enhanced
from tests.monitoring import injections as how
from tests.monitoring.plugin import install
from tests.monitoring.scene import Scene
from tests.program import Start, as_typed, forked

READY = "ready"


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One of them.

    Attributes:
        name: in words.
        inject: brings it about, once all was in line.
        alerts: which fire, and no other.
        readiness: a line of `/readyz?verbose`; empty: nothing answers.
        log: a line of the log; empty: there is none.
        seconds: within which both are there.
        metric: a line of `/metrics` that tells of it; empty: nothing answers.
        prepare: what comes before the start.
        meanwhile: goes on with it, where it would be over at once.
        baseline: how the simulator differs from the usual one.
        start: how the product is started.
    """

    name: str
    inject: Callable[[Scene], object]
    alerts: tuple[str, ...]
    readiness: str
    log: str
    metric: str
    seconds: float = 10
    prepare: Callable[[Scene], object] = lambda _: None
    meanwhile: Callable[[Scene], object] = lambda _: None
    baseline: Mapping[str, Any] = field(default_factory=dict)
    start: Start = forked


def matches(pattern: str, line: str) -> bool:
    """Say whether a line has a text, in which `…` stands for anything."""
    return re.search(".*".join(map(re.escape, pattern.split("…"))), line) is not None


FAILURES = (
    Failure(
        name="the Avi Controller does not answer",
        inject=how.unavailable,
        alerts=("AkoAviUnreachable",),
        readiness="[-] avi …Remote end closed connection",
        log="lost the Avi Controller at …Remote end closed connection",
        metric="ako_avi_up 0.0",
    ),
    Failure(
        name="the password of the Avi Controller was changed",
        inject=how.wrong_password,
        alerts=("AkoAviUnreachable",),
        readiness="[-] avi …: 401 Invalid credentials: avicredentials.password (file …, line …)",
        log="lost the Avi Controller at …: 401 Invalid credentials: avicredentials.password (file …, line …)",
        metric="ako_avi_up 0.0",
    ),
    Failure(
        name="the certificate of the Avi Controller is not trusted",
        prepare=how.trust_another,
        inject=how.secure,
        alerts=("AkoAviUnreachable",),
        readiness="[-] avi …certificate verify failed: …avicredentials.certificateAuthorityData (file …, line …)",
        log="lost the Avi Controller at …certificate verify failed: …avicredentials.certificateAuthorityData (file …)",
        metric="ako_avi_up 0.0",
    ),
    Failure(
        name="the Avi Controller answers every write with 503",
        prepare=how.seldom,
        inject=how.refuse_writes(503),
        alerts=("AkoAviUnreachable", "AkoHostsNotServed"),
        readiness="[-] avi …: 503 (no message)",
        log="lost the Avi Controller at …: 503 (no message)",
        metric="ako_avi_up 0.0",
    ),
    Failure(
        name="a list of the Avi Controller may not be read (403)",
        inject=lambda scene: scene.avi.misbehave({"match": {"method": "GET", "model": "poolgroup"}, "status": 403}),
        alerts=("AkoNotReady", "AkoFullSyncOverdue"),
        readiness="[-] full sync Invalid input detected: …may not read in tenant 'admin' (GET /api/poolgroup…",
        log="Invalid input detected: …may not read in tenant 'admin' (GET /api/poolgroup…",
        metric='ako_ready{check="full sync"} 0.0',
    ),
    Failure(
        name="the Avi Controller takes seven seconds for each answer",
        inject=how.slow_down,
        meanwhile=how.slow_down,
        seconds=30,
        alerts=("AkoAviSlow", "AkoFullSyncOverdue"),
        readiness=READY,
        log="the Avi Controller at …took 7.0 s to answer …",
        metric="ako_avi_up 1.0",
    ),
    Failure(
        name="a tenant that a Namespace names is not there",
        prepare=lambda scene: scene.configure_map(tenantsPerCluster="true"),
        inject=how.name_tenant,
        alerts=("AkoTenantsUnread", "AkoHostsNotServed"),
        readiness="[+] tenants tenant red cannot be read (403 Tenant 'red' does not exist!)",
        log="TenantUnknown: tenant red cannot be read (403 Tenant 'red' does not exist!)",
        metric="ako_avi_tenants_unread 1.0",
    ),
    Failure(
        name="the Avi Controller throttles every write (429)",
        inject=how.refuse_writes(429, headers={"Retry-After": "1"}),
        alerts=("AkoAviRetries", "AkoChangesWait", "AkoHostsNotServed"),
        readiness=READY,
        log="Avi Controller: …: 429 (no message)",
        metric="ako_changes_waiting …",
    ),
    Failure(
        name="the Avi Controller refuses one object (400)",
        inject=how.refuse_one,
        alerts=("AkoRefused", "AkoHostsNotServed"),
        readiness=READY,
        log="Rejected: the Avi Controller refused pool c--third.com_-default-third: no such thing as that",
        metric="ako_avi_refused 1.0",
    ),
    Failure(
        name="the IPAM of the Avi cloud has no free address",
        baseline=how.with_addresses(1),
        inject=how.one_too_many,
        alerts=("AkoRefused", "AkoPortsNotServed"),
        readiness=READY,
        log="Rejected: the Avi Controller refused vsvip c--default-lb: No available free IPs",
        metric="ako_avi_refused 1.0",
    ),
    Failure(
        name="a virtual service gets no address",
        inject=how.no_address,
        alerts=("AkoNoAddress", "AkoHostsNotServed"),
        readiness=READY,
        log="vsvip c--Shared-L7-0 has had no address for …",
        metric="ako_virtual_services_without_address …",
        seconds=20,
    ),
    Failure(
        name="an object is edited by hand again and again",
        inject=lambda scene: scene.edit_again_and_again(how.SHOP_POOL, 2),
        meanwhile=lambda scene: scene.edit_again_and_again(how.SHOP_POOL, 1),
        alerts=("AkoDriftRepeats",),
        readiness=READY,
        log="DriftRepaired: pool c--shop.com_-default-shop was changed (servers) by somebody else; repaired",
        metric='ako_drift_found_total{type="pool"} …',
    ),
    Failure(
        name="another cluster has our clusterName",
        inject=how.namesake,
        alerts=("AkoNamesakes",),
        readiness="[-] namesakes another cluster has our AKOSettings.clusterName",
        log="Namesake: another cluster has our AKOSettings.clusterName",
        metric="ako_avi_objects_of_namesakes 1.0",
    ),
    Failure(
        name="another AKO works under our names in another mode",
        inject=lambda scene: make_enhanced(scene.stage),
        alerts=("AkoOddVirtualServices",),
        readiness="[-] guard plan … deletes nothing, because of c--…, c--Shared-L7-EVH-0",
        log="DeletionGuard: nothing is deleted: …this program would never make such virtual services",
        metric="ako_guard_odd_virtual_services 2.0",
    ),
    Failure(
        name="a large deletion waits for being confirmed",
        inject=how.delete_many,
        alerts=("AkoDeletionHeld",),
        readiness="[-] guard plan … would delete too much and waits for being confirmed",
        log="DeletionGuard: plan … would leave 7 hosts and Services without service",
        metric="ako_guard_held 7.0",
    ),
    Failure(
        name="the Kubernetes API server is gone",
        inject=lambda scene: scene.kube.down(),
        alerts=("AkoBlindToKubernetes",),
        readiness="[+] kubernetes the Kubernetes API server has not been heard of since …",
        log="the Kubernetes API server has not been heard of since …",
        metric='ako_watch_up{kind="v1/Service"} 0.0',
        seconds=25,
    ),
    Failure(
        name="nothing is heard of one kind any more",
        inject=how.lose_secrets,
        alerts=("AkoWatchLost",),
        readiness="[+] kubernetes nothing has been heard since …: v1/Secret: …",
        log="",
        metric='ako_watch_up{kind="v1/Secret"} 0.0',
    ),
    Failure(
        name="the watch of one kind may not be opened (403)",
        inject=lambda scene: scene.forbid("*", "secrets"),
        alerts=("AkoKindUnread",),
        readiness='[-] kubernetes v1/Secret: secrets is forbidden: User "ako" cannot list',
        log='secrets: secrets is forbidden: User "ako" cannot',
        metric='ako_ready{check="kubernetes"} 0.0',
    ),
    Failure(
        name="the Lease cannot be renewed",
        prepare=how.elect,
        inject=lambda scene: scene.kube.forbid("update", "leases"),
        alerts=("AkoNoLeader",),
        readiness="[-] leader standby, leader is …: the right to update Lease/avi-system/ako-leader is missing",
        log="does not lead any more and writes nothing: the right to update Lease/avi-system/ako-leader is missing",
        metric="ako_leader 0.0",
    ),
    Failure(
        name="a second replica, and no election",
        prepare=how.alone,
        inject=how.second_replica,
        alerts=("AkoSeveralWriters",),
        readiness="[-] replicas StatefulSet ako has 2 replicas, and ako.leaderElection.enabled is false",
        log="StatefulSet ako has 2 replicas, and ako.leaderElection.enabled is false",
        metric='ako_ready{check="replicas"} 0.0',
    ),
    Failure(
        name="statuses may not be written (403)",
        inject=how.refuse_statuses,
        alerts=("AkoStatusesNotWritten",),
        readiness=READY,
        log='status not written: …User "ako" cannot patch resource "ingresses/status"',
        metric="ako_reports_waiting 1.0",
    ),
    Failure(
        name="a value of the ConfigMap cannot be used",
        inject=lambda scene: scene.configure_map(shardVSSize="HUGE"),
        alerts=("AkoSettingsNotInForce",),
        readiness=READY,
        log='InvalidConfiguration: …L7Settings.shardVSSize = "HUGE" (ConfigMap avi-k8s-config, key shardVSSize)',
        metric="ako_settings_in_force 0.0",
    ),
    Failure(
        name="a setting that takes a restart was changed",
        inject=lambda scene: scene.configure_map(apiConcurrency="3"),
        alerts=("AkoRestartNeeded",),
        readiness=READY,
        log="RestartNeeded: ako.api.concurrency was changed and takes effect at the next start",
        metric="ako_settings_restart_needed 1.0",
    ),
    Failure(
        name="a plugin raises",
        prepare=install,
        start=as_typed,
        inject=lambda scene: scene.put(ingress("third", ("poison.com", "/", "web:80"))),
        alerts=("AkoPluginFails", "AkoHostsNotServed"),
        readiness=READY,
        log="in ako_translate for host poison.com: it raised RuntimeError: spilled",
        metric='ako_plugin_failures_total{hook="ako_translate",plugin="poison"} …',
    ),
    Failure(
        name="the Secret of a host is not there",
        inject=how.steal_host,
        alerts=("AkoHostsNotServed",),
        readiness=READY,
        log="SecretNotFound: secret: default/nowhere does not exist (host stolen.com)",
        metric="ako_hosts_unserved…",
    ),
    Failure(
        name="a certificate has expired",
        inject=how.expiring(-1),
        alerts=("AkoCertificateExpired",),
        readiness=READY,
        log="CertificateExpired: the certificate in tls.crt of secret: default/dated expired at …",
        metric='ako_certificates{expires="expired"} 1.0',
    ),
    Failure(
        name="a certificate expires in five days",
        inject=how.expiring(5),
        alerts=("AkoCertificateExpiresSoon",),
        readiness=READY,
        log="CertificateExpiresSoon: 1 certificate will expire within 7 days, at …",
        metric='ako_certificates{expires="7d"} 1.0',
    ),
    Failure(
        name="the process is killed",
        inject=lambda scene: scene.kill(),
        alerts=("AkoDown",),
        readiness="",
        log="",
        metric="",
    ),
)

CALM = (
    Failure(
        name="nothing happens",
        inject=lambda _: None,
        alerts=(),
        readiness=READY,
        log="",
        metric="ako_leader 1.0",
    ),
    Failure(
        name="hosts come and go, and pods",
        inject=how.go_on,
        meanwhile=how.go_on,
        alerts=(),
        readiness=READY,
        log="",
        metric="ako_changes_waiting 0.0",
    ),
    Failure(
        name="everything is deleted on purpose",
        inject=lambda scene: scene.configure_map(deleteConfig="true"),
        alerts=(),
        readiness="",
        log="AKODeleteConfigDone",
        metric="ako_avi_objects…",
    ),
    Failure(
        name="settings change while it runs",
        inject=lambda scene: scene.configure_map(shardVSSize="3"),
        alerts=(),
        readiness=READY,
        log="",
        metric="ako_changes_waiting 0.0",
    ),
    Failure(
        name="the Avi Controller is away for a moment",
        inject=how.be_away,
        alerts=(),
        readiness=READY,
        log="answers again",
        metric="ako_avi_up 1.0",
    ),
    Failure(
        name="one edit by hand",
        inject=lambda scene: scene.edit_again_and_again(how.SHOP_POOL, 1),
        alerts=(),
        readiness=READY,
        log="DriftRepaired",
        metric='ako_drift_repaired_total{type="pool"} 1.0',
    ),
)
"""What is no failure: no alert comes of it."""
