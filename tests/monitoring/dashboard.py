"""The Grafana dashboard; `make chart` writes it.

Each line of `ROWS` is a panel: its title, how it is drawn, its unit, and its queries with their legends. `$t` in a
query is what the variables at the top of the dashboard choose, `$w` the time over which is counted.
"""

from __future__ import annotations

import itertools
from typing import Any

Json = dict[str, Any]
Panel = tuple[str, str, str, dict[str, str]]

TARGET = 'namespace=~"$namespace", job=~"$job"'
WIDTH = 24
SIZES = {"stat": (4, 4), "timeseries": (8, 8), "table": (12, 8)}
"""Width and height of each kind of panel."""

ROWS: dict[str, tuple[Panel, ...]] = {
    "Overview": (
        ("Who works", "stat", "none", {"sum(ako_leader{$t})": "leaders"}),
        ("Session with Avi", "stat", "bool_on_off", {"min(ako_avi_up{$t} and ako_leader{$t} == 1)": "session"}),
        ("Conditions of readiness not met", "stat", "none", {"count(ako_ready{$t} == 0) or vector(0)": "conditions"}),
        (
            "Since the last full sync",
            "stat",
            "s",
            {"time() - min(ako_full_sync_last_success_timestamp_seconds{$t} > 0)": "since"},
        ),
        ("Hosts served", "stat", "none", {"max(ako_hosts_served{$t})": "hosts"}),
        ("Ports of Services served", "stat", "none", {"max(ako_ports_served{$t})": "ports"}),
        ("Readiness", "timeseries", "none", {"min by (check) (ako_ready{$t})": "{{check}}"}),
        (
            "Alerts",
            "table",
            "none",
            {'ALERTS{alertname=~"Ako.*", alertstate="firing"}': "{{alertname}}"},
        ),
    ),
    "Traffic objects": (
        ("Hosts not served", "timeseries", "none", {"max by (reason) (ako_hosts_unserved{$t})": "{{reason}}"}),
        ("Ports not served", "timeseries", "none", {"max by (reason) (ako_ports_unserved{$t})": "{{reason}}"}),
        ("Faults in users' objects", "timeseries", "none", {"max by (reason) (ako_problems{$t})": "{{reason}}"}),
        (
            "Certificates by what is left",
            "timeseries",
            "none",
            {"max by (expires) (ako_certificates{$t})": "{{expires}}"},
        ),
        (
            "The next certificate expires in",
            "stat",
            "s",
            {"min(ako_certificate_soonest_expiry_timestamp_seconds{$t} > 0) - time()": "left"},
        ),
        (
            "Virtual services without address",
            "stat",
            "none",
            {"max(ako_virtual_services_without_address{$t})": "virtual services"},
        ),
    ),
    "Avi API": (
        (
            "Requests a second",
            "timeseries",
            "reqps",
            {"sum by (method, status) (rate(ako_avi_requests_total{$t}[$w]))": "{{method}} {{status}}"},
        ),
        (
            "Time of a request (95 %)",
            "timeseries",
            "s",
            {
                "histogram_quantile(0.95, sum by (method, le)"
                " (rate(ako_avi_request_duration_seconds_bucket{$t}[$w])))": "{{method}}"
            },
        ),
        (
            "Writes a second",
            "timeseries",
            "ops",
            {"sum by (action, type) (rate(ako_avi_writes_total{$t}[$w]))": "{{action}} {{type}}"},
        ),
        (
            "Retries a second",
            "timeseries",
            "ops",
            {"sum by (reason) (rate(ako_avi_retries_total{$t}[$w]))": "{{reason}}"},
        ),
        (
            "Refusals",
            "timeseries",
            "none",
            {
                "max(ako_avi_refused{$t})": "objects refused now",
                "sum by (reason) (increase(ako_avi_refusals_total{$t}[$w]))": "{{reason}}",
            },
        ),
        ("Our objects", "timeseries", "none", {"max by (type) (ako_avi_objects{$t})": "{{type}}"}),
    ),
    "Pipeline": (
        (
            "From a change to the Avi Controller (95 %)",
            "timeseries",
            "s",
            {
                "histogram_quantile(0.95, sum by (source, le)"
                " (rate(ako_programming_duration_seconds_bucket{$t}[$w])))": "{{source}}"
            },
        ),
        ("Changes waiting", "timeseries", "none", {"max(ako_changes_waiting{$t})": "changes"}),
        (
            "The oldest waits for",
            "timeseries",
            "s",
            {"time() - min(ako_changes_waiting_since_timestamp_seconds{$t} > 0)": "oldest"},
        ),
        (
            "Time of a pass (95 %)",
            "timeseries",
            "s",
            {"histogram_quantile(0.95, sum by (le) (rate(ako_pass_duration_seconds_bucket{$t}[$w])))": "pass"},
        ),
        ("Passes a second", "timeseries", "ops", {"sum(rate(ako_passes_total{$t}[$w]))": "passes"}),
        (
            "Full syncs",
            "timeseries",
            "s",
            {
                "max(ako_full_sync_last_duration_seconds{$t})": "duration",
                "sum by (result) (increase(ako_full_syncs_total{$t}[$w]))": "{{result}}",
            },
        ),
        (
            "Time in plugins",
            "timeseries",
            "s",
            {
                "sum by (plugin, hook) (rate(ako_hook_duration_seconds_sum{$t}[$w]))": "{{plugin}} {{hook}}",
            },
        ),
        (
            "Failures of plugins, and of the program",
            "timeseries",
            "none",
            {
                "sum by (plugin, hook) (increase(ako_plugin_failures_total{$t}[$w]))": "{{plugin}} {{hook}}",
                "sum by (stage) (increase(ako_faults_total{$t}[$w]))": "fault in {{stage}}",
            },
        ),
        (
            "Plugins that hang",
            "timeseries",
            "s",
            {
                "max by (plugin, hook) (ako_plugin_hook_running_seconds{$t}) > 0": "{{plugin}} {{hook}} is at work",
                "max by (plugin) (ako_plugin_suspended{$t}) > 0": "{{plugin}} is suspended",
            },
        ),
    ),
    "Ownership and guard": (
        (
            "Changed by others",
            "timeseries",
            "none",
            {
                "sum by (type) (increase(ako_drift_found_total{$t}[$w]))": "{{type}} found",
                "sum by (type) (increase(ako_drift_repaired_total{$t}[$w]))": "{{type}} repaired",
            },
        ),
        ("Deletions held back", "timeseries", "none", {"max(ako_guard_held{$t})": "hosts and Services"}),
        (
            "Not ours, under our names",
            "timeseries",
            "none",
            {
                "max(ako_guard_odd_virtual_services{$t})": "virtual services of another mode",
                "max(ako_avi_objects_of_namesakes{$t})": "objects of another cluster",
            },
        ),
        (
            "Tenants",
            "timeseries",
            "none",
            {
                "max by (tenant) (ako_avi_tenant_objects{$t})": "{{tenant}}",
                "max(ako_avi_tenants_unread{$t})": "cannot be read",
            },
        ),
        (
            "Settings",
            "timeseries",
            "none",
            {
                "min(ako_settings_in_force{$t})": "in force",
                "max(ako_settings_restart_needed{$t})": "restart needed",
            },
        ),
    ),
    "Kubernetes": (
        ("Kinds followed", "timeseries", "none", {"min by (kind) (ako_watch_up{$t})": "{{kind}}"}),
        (
            "Nothing heard for",
            "timeseries",
            "s",
            {"time() - min by (kind) (ako_watch_last_heard_timestamp_seconds{$t} > 0)": "{{kind}}"},
        ),
        (
            "Watches over",
            "timeseries",
            "none",
            {"sum by (kind, reason) (increase(ako_watch_restarts_total{$t}[$w])) > 0": "{{kind}} {{reason}}"},
        ),
        ("Lists", "timeseries", "none", {"sum by (kind) (increase(ako_watch_lists_total{$t}[$w]))": "{{kind}}"}),
        (
            "Statuses and Events written",
            "timeseries",
            "none",
            {
                "sum by (result) (increase(ako_status_writes_total{$t}[$w]))": "statuses {{result}}",
                "sum by (result) (increase(ako_event_writes_total{$t}[$w]))": "Events {{result}}",
                "max(ako_reports_waiting{$t})": "waiting",
            },
        ),
        (
            "The Lease changed hands",
            "timeseries",
            "none",
            {"max(increase(ako_lease_transitions_total{$t}[$w]))": "times"},
        ),
    ),
    "Process": (
        (
            "Version",
            "table",
            "none",
            {"ako_build_info{$t}": "{{version}}", "ako_plugin_info{$t}": "{{plugin}} {{version}}"},
        ),
        ("Memory", "timeseries", "bytes", {"process_resident_memory_bytes{$t}": "{{instance}}"}),
        ("CPU", "timeseries", "none", {"rate(process_cpu_seconds_total{$t}[$w])": "{{instance}}"}),
        ("Open files", "timeseries", "none", {"process_open_fds{$t}": "{{instance}}"}),
        (
            "Collections of garbage",
            "timeseries",
            "ops",
            {"sum by (instance) (rate(python_gc_collections_total{$t}[$w]))": "{{instance}}"},
        ),
        ("Up for", "stat", "s", {"time() - max(process_start_time_seconds{$t})": "up"}),
    ),
}


def _selected(query: str) -> str:
    """Put the chosen targets into each selector of a query."""
    return query.replace("$t", TARGET).replace("$w", "$__rate_interval")


def _panel(number: int, panel: Panel, place: Json) -> Json:
    title, kind, unit, queries = panel
    source = {"type": "prometheus", "uid": "$datasource"}
    targets = [
        {
            "refId": letter,
            "datasource": source,
            "expr": _selected(query),
            "legendFormat": legend,
            **({"instant": True, "format": "table"} if kind == "table" else {}),
        }
        for letter, (query, legend) in zip("ABCDEF", queries.items(), strict=False)
    ]
    defaults: Json = {"unit": unit, "min": 0} if kind != "table" else {}
    return {
        "id": number,
        "title": title,
        "type": kind,
        "datasource": source,
        "gridPos": place,
        "fieldConfig": {"defaults": defaults, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}} if kind == "timeseries" else {},
        "targets": targets,
    }


def _panels() -> list[Json]:
    """Lay out the rows from left to right, each below the one before."""
    made: list[Json] = []
    numbers, top = itertools.count(1), 0
    for title, panels in ROWS.items():
        place = {"x": 0, "y": top, "w": WIDTH, "h": 1}
        made.append(
            {"id": next(numbers), "title": title, "type": "row", "collapsed": False, "gridPos": place, "panels": []}
        )
        left, top, height = 0, top + 1, 0
        for panel in panels:
            width, high = SIZES[panel[1]]
            if left + width > WIDTH:
                left, top, height = 0, top + height, 0
            made.append(_panel(next(numbers), panel, {"x": left, "y": top, "w": width, "h": high}))
            left, height = left + width, max(height, high)
        top += height
    return made


def _variable(name: str, label: str) -> Json:
    return {
        "name": name,
        "label": label,
        "type": "query",
        "datasource": {"type": "prometheus", "uid": "$datasource"},
        "query": {"query": f"label_values(ako_build_info, {name})", "refId": name},
        "refresh": 2,
        "includeAll": True,
        "multi": True,
        "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
    }


def dashboard() -> Json:
    """Give the dashboard as Grafana imports it."""
    source = {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}
    return {
        "uid": "ako",
        "title": "AKO",
        "tags": ["ako", "avi"],
        "schemaVersion": 39,
        "editable": True,
        "graphTooltip": 1,
        "time": {"from": "now-6h", "to": "now"},
        "refresh": "1m",
        "templating": {"list": [source, _variable("namespace", "Namespace"), _variable("job", "Job")]},
        "panels": _panels(),
    }
