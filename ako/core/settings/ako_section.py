"""The section `ako`: settings that AKO does not have, and those of plugins beside them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, ValidationInfo, field_validator

from ako.core.settings.enabled import IN_TREE_PLUGINS
from ako.core.settings.patterns import any_case, matches, whole
from ako.core.settings.section import Section, setting
from ako.core.settings.value_types import DriftSetting, EnabledPlugins, Flag, Number, SourceNames
from ako.core.settings.values import LONGEST, DriftPolicy, choice, read_flag

AUTO: Literal["auto"] = "auto"
_AUTO = whole(any_case([AUTO]))


class Plugins(Section):
    """Which plugins run."""

    enabled: EnabledPlugins = setting(
        IN_TREE_PLUGINS,
        "Names of the plugins that run, from the next start on: all of them, or what is added to the default list "
        "(`+name`, before all others) and left out of it (`-name`).",
        config_map="pluginsEnabled",
        allowed="a list of names, or a list of `+name` and `-name`",
    )
    hook_limit_seconds: Number = setting(
        20,
        "Seconds that a plugin may take to answer; one that takes longer is suspended: what it said before stays, and "
        "after a pause it is asked again.",
        allowed="1 to 300 seconds",
        ge=1,
        le=300,
    )


class GarbageCollection(Section):
    """What happens to shared virtual services that serve no host any more."""

    shared_vs_grace_period: Number = setting(
        0,
        "Seconds after which an unused shared virtual service is deleted; 0: at a restart only.",
        allowed="0 or more seconds",
        ge=0,
        le=LONGEST,
    )
    keep_vip: Flag = setting(
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


def _auto(given: object) -> object:
    if isinstance(given, str) and matches(_AUTO, given):
        return AUTO
    try:
        return read_flag(given)
    except ValueError:
        raise ValueError("neither true nor false, nor auto") from None


class Watching(Section):
    """Following the Kubernetes API server."""

    blind_ready_seconds: Number = setting(
        600,
        "How long the program counts as ready while nothing is heard from the Kubernetes API server: what is known "
        "stays served. 0: not at all.",
        allowed="0 or more seconds",
        ge=0,
        le=LONGEST,
    )


class LeaderElection(Section):
    """Which of several replicas works."""

    enabled: Annotated[bool | Literal["auto"], BeforeValidator(_auto)] = setting(
        AUTO,
        "Whether replicas elect the one that works, from the next start on; auto: if there is more than one.",
        config_map="leaderElectionEnabled",
        allowed="auto, true, false",
    )
    lease_duration_seconds: Number = setting(
        15,
        "Seconds after which another replica takes the place of one that is not heard of, from the next start on.",
        config_map="leaseDurationSeconds",
        allowed="3 to 3600",
        ge=3,
        le=3600,
    )
    renew_deadline_seconds: Number = setting(
        10,
        "Seconds after which a replica that cannot renew its Lease stops writing, from the next start on.",
        config_map="leaseRenewDeadlineSeconds",
        allowed="2 or more, and at most four fifths of ako.leaderElection.leaseDurationSeconds",
        ge=2,
        le=3600,
        validate_default=True,
    )
    retry_period_seconds: Number = setting(
        2,
        "Seconds between two renewals of the Lease, from the next start on.",
        config_map="leaseRetryPeriodSeconds",
        allowed="1 or more, and at most half of ako.leaderElection.renewDeadlineSeconds",
        ge=1,
        le=3600,
        validate_default=True,
    )

    @field_validator("renew_deadline_seconds")
    @classmethod
    def _leaves_time_to_stop(cls, seconds: int, others: ValidationInfo) -> int:
        lease = others.data.get("lease_duration_seconds", seconds * 2)
        if 5 * seconds > 4 * lease:
            raise ValueError(f"{seconds} is too long for a Lease of {lease} s: what is under way has no time to end")
        return seconds

    @field_validator("retry_period_seconds")
    @classmethod
    def _leaves_two_tries(cls, seconds: int, others: ValidationInfo) -> int:
        deadline = others.data.get("renew_deadline_seconds", seconds * 2)
        if 2 * seconds > deadline:
            raise ValueError(f"{seconds} is too long: within {deadline} s the Lease has to be renewed twice")
        return seconds


class Ui(Section):
    """The page that shows all hosts."""

    enabled: Flag = setting(
        default=True,
        description="Whether /ui, /api/topology and /api/explain on the health port show, to whoever reaches it, which "
        "hosts there are, where they are served and why; false: they answer 404.",
        config_map="uiEnabled",
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
    ui: Ui = setting(Ui, "The page that shows all hosts.")
