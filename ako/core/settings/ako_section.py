"""The section `ako`: settings that AKO does not have, and those of plugins beside them."""

from __future__ import annotations

from typing import Annotated, Literal

from ako.core.settings.section import Section, setting
from ako.core.settings.values import DriftPolicy, DriftSetting, Number, SourceNames, Words, choice

IN_TREE_PLUGINS = ("ingress", "openshift_route", "clusterip_routes", "nodeport", "loadbalancer")
"""The plugins of this distribution, as its entry points name them."""


class Plugins(Section):
    """Which plugins run."""

    enabled: Words = setting(
        IN_TREE_PLUGINS,
        "Names of the plugins that run, from the next start on.",
        config_map="pluginsEnabled",
        allowed="a list of names",
    )


class GarbageCollection(Section):
    """What happens to shared virtual services that serve no host any more."""

    shared_vs_grace_period: Number = setting(
        0,
        "Seconds after which an unused shared virtual service is deleted; 0: at a restart only.",
        allowed="0 or more seconds",
        ge=0,
    )
    keep_vip: bool = setting(
        default=False, description="true: keep the virtual address of a shared virtual service that is deleted."
    )


class Drift(Section):
    """Avi objects of ours that somebody else changed."""

    policy: DriftSetting = setting(
        DriftPolicy(),
        "Repair what was changed, or only report it; for all Avi objects, or by kind (others are repaired). "
        "What was changed while the program did not run is repaired at its start: it cannot be told from our own work.",
        config_map="driftPolicy",
        allowed="repair, report, or a mapping of Avi kinds (such as pool) to these",
    )


class Guard(Section):
    """Protection against taking too much away."""

    max_delete_percent: Number = setting(
        25,
        "Share of all hosts and LoadBalancer Services that are served which may be left without service at once, "
        "unless that is confirmed or their objects themselves were edited or deleted; one alone always may. "
        "100 allows everything.",
        allowed="0 to 100",
        ge=0,
        le=100,
    )


class Api(Section):
    """Requests to the Avi Controller."""

    concurrency: Number = setting(
        16, "Writes at a time, from the next start on.", config_map="apiConcurrency", allowed="1 to 256", ge=1, le=256
    )
    retry_ceiling_seconds: Number = setting(
        60,
        "Longest wait between two attempts, from the next start on.",
        config_map="apiRetryCeilingSeconds",
        allowed="1 to 3600",
        ge=1,
        le=3600,
    )


class Watching(Section):
    """Following the Kubernetes API server."""

    blind_ready_seconds: Number = setting(
        600,
        "How long the program counts as ready while nothing is heard from the Kubernetes API server: what is known "
        "stays served. 0: not at all.",
        allowed="0 or more seconds",
        ge=0,
    )


class LeaderElection(Section):
    """Which of several replicas works."""

    enabled: bool | None = setting(
        None,
        "Whether replicas elect a leader. Without effect yet: there is one replica.",
        config_map="leaderElectionEnabled",
        allowed="true, false",
    )


class Own(Section):
    """What AKO does not have."""

    plugins: Plugins = setting(Plugins, "Which plugins run.")
    sources: SourceNames = setting(
        "auto",
        "Plugins that read hosts; auto: Routes where the cluster serves them, else Ingresses.",
        allowed="auto, or a list of names",
    )
    gc: GarbageCollection = setting(GarbageCollection, "Unused shared virtual services.")
    drift: Drift = setting(Drift, "Objects changed by others.")
    guard: Guard = setting(Guard, "Protection against deleting too much.")
    api: Api = setting(Api, "Requests to the Avi Controller.")
    watch: Watching = setting(Watching, "Following the Kubernetes API server.")
    log_format: Annotated[Literal["text", "json"], choice("text", "json")] = setting(
        "text", "Form of log lines, from the next start on.", allowed="text, json"
    )
    leader_election: LeaderElection = setting(LeaderElection, "Which of several replicas works.")
