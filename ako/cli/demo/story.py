"""The story that the demonstration tells, step by step; each step proves what it says."""

from __future__ import annotations

import difflib
import json
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ako.cli.api_server import OWN_NAMESPACE
from ako.cli.demo.controller_side import AviSide, Step, Writes, planned_steps
from ako.cli.demo.declared import asked_for, served_by
from ako.cli.demo.narration import BrokenPromiseError, Narrator
from ako.cli.demo.processes import MANIFESTS, Finished, Programs, RunningController
from ako.cli.demo.traffic import Traffic
from ako.cli.demo.waiting import wait_until
from ako.cli.topology import as_table, topology
from ako.core.base.refs import AviRef
from ako.core.control.confirmation import CONFIRMATION
from ako.core.model import AviObject, Pool
from ako.core.settings.given import CONFIG_MAP

_REPORT = "kubernetes.jsonl"
_NEXT = "manifests-next"
_NO_CHANGES, _CHANGES = 0, 2
_PAUSE = 0.3
"""Seconds between two looks at the manifests that somebody edits."""
_HELD = re.compile(r"plan (\w+) would leave")
_CONFIRMATION = f"""\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {CONFIG_MAP}
  namespace: {OWN_NAMESPACE}
  annotations:
    {CONFIRMATION}: PLAN
"""


class Story:
    """Plan, converge, show, ask, change, repair, remove.

    Args:
        narrator: prints.
        folder: with settings, manifests and the changed manifests.
        programs: starts commands.
        avi: the Controller's side.
        traffic: clients and pods.
    """

    def __init__(self, narrator: Narrator, folder: Path, programs: Programs, avi: AviSide, traffic: Traffic) -> None:
        self._tell = narrator
        self._folder = folder
        self._programs = programs
        self._avi = avi
        self._traffic = traffic
        self._running: RunningController | None = None
        self._began = time.monotonic()
        self._at_first = avi.everything()
        self._manifests = folder / MANIFESTS

    def begin(self, url: str) -> None:
        """Plan, run, show what is served, and ask for it."""
        self._introduce(url)
        steps = self._plan()
        self._converge(steps)
        self._show()
        self._ask()

    def go_on(self) -> None:
        """Change something, break something, remove everything."""
        self._change()
        self._repair()
        self._remove()
        self._clear()
        seconds, writes = time.monotonic() - self._began, len(self._avi.writes(0).steps)
        self._tell.say(f"All {self._tell.kept} promises kept, with {writes} writes, in {seconds:.1f} s.")

    def serve(self, url: str) -> None:
        """Say what there is to try, and keep everything running; a signal ends it.

        Raises:
            BrokenPromiseError: the controller ended by itself.
        """
        running = self._controller
        self._tell.step("Over to you", "Everything keeps running until Ctrl-C; then nothing of it is left.")
        self._tell.offer(
            (
                f"manifests, watched:  {self._manifests}",
                f"Avi Controller:      {url} (user admin, password admin)",
                f"its pools:           {url}/_sim/objects/pool",
                f"requests it got:     {url}/_sim/requests",
                f"requests of clients: {url}/_sim/traffic",
                f"our controller:      {running.url}/readyz?verbose",
                f"its metrics:         {running.url}/metrics",
                f"its log:             {running.log}",
            )
        )
        self._tell.rest()
        self._tell.say("Ask as a client does; a pod that comes into a manifest answers too:")
        self._tell.offer(self._traffic.curls(self._traffic.wanted(self._manifests)))
        while running.exit_code is None:
            self._traffic.follow(self._manifests)
            running.wait(_PAUSE)
        raise BrokenPromiseError(f"`ako run` ended by itself, with exit code {running.exit_code}")

    def show_log(self) -> None:
        """Show what the controller wrote into its log, if it wrote anything."""
        log = self._running.complaints() if self._running is not None else ""
        if log:
            self._tell.show(("The controller's log:", *log.splitlines()))

    def close(self) -> None:
        """End what still runs."""
        if self._running is not None:
            self._running.stop()

    @property
    def _controller(self) -> RunningController:
        if self._running is None:
            raise BrokenPromiseError("`ako run` does not run")
        return self._running

    # The steps.

    def _introduce(self, url: str) -> None:
        self._tell.step(
            "An Avi Controller to try things on",
            "`ako sim` answers like an Avi Controller, from memory and strictly. A folder of manifests stands in for "
            "the Kubernetes cluster.",
        )
        self._tell.show(
            (f"simulator: {url}", *(f"manifest:  {file.name}" for file in sorted(self._manifests.iterdir())))
        )
        ours = self._avi.objects()
        self._promise(f"none of the {len(self._at_first)} objects on the Controller is ours", ours, is_kept=not ours)

    def _plan(self) -> frozenset[Step]:
        self._tell.step("Plan", "What the controller would do, before it may do anything.")
        planned = self._command("plan")
        steps = planned_steps(planned.lines)
        self._promise("exit code 2: there are changes", planned.exit_code, is_kept=planned.exit_code == _CHANGES)
        created = [step for step in steps if step.verb == "create"]
        deleted = [step for step in steps if step.verb == "delete"]
        self._promise(
            f"{len(created)} objects to create, and none to delete", deleted, is_kept=bool(created) and not deleted
        )
        writes = self._avi.writes(0).steps
        self._promise("nothing was written", writes, is_kept=not writes)
        return steps

    def _converge(self, steps: frozenset[Step]) -> None:
        self._tell.step("Converge", "The controller starts, and keeps running until the last step.")
        self._tell.show((f"$ {self._programs.spelt('run')}",))
        mark = self._avi.mark()
        self._running = self._programs.start(_REPORT)
        self._promise_writes(mark, steps)
        self._promise_nothing_to_do()
        addresses = sorted({address for route in self._avi.routes() for address in route.addresses})
        self._await(lambda: self._told_addresses() == addresses)
        self._tell.say("What Kubernetes was told:")
        self._tell.show(f"{name:42} {', '.join(where)}" for name, where in sorted(self._statuses().items()))
        told = self._told_addresses()
        self._promise(f"the statuses hold all {len(addresses)} virtual addresses", told, is_kept=told == addresses)

    def _show(self) -> None:
        self._tell.step("What is served now", "Read from the Controller, not from the manifests.")
        self._tell.show(as_table(self._avi.routes()))
        self._promise_served()

    def _ask(self) -> None:
        self._tell.step(
            "Ask",
            "Requests of clients, through the load balancer: the simulator forwards them as its objects say. A "
            "stand-in of each pod answers, and tells who it is.",
        )
        self._traffic.stand_in(self._manifests)
        self._traffic.promise_answers(self._traffic.wanted(self._manifests))

    def _change(self) -> None:
        self._tell.step(
            "Change", "A third pod behind the Service web, and a new path on the secure host. First, again, the plan."
        )
        changed = self._folder / "change" / "shop.yaml"
        before, after = ((folder / "shop.yaml").read_text() for folder in (self._manifests, changed.parent))
        self._tell.show(_difference(before, after))
        shutil.copytree(self._manifests, self._folder / _NEXT)
        shutil.copy(changed, self._folder / _NEXT)
        planned = self._command("plan", _NEXT)
        steps = planned_steps(planned.lines)
        self._promise("exit code 2: there are changes", planned.exit_code, is_kept=planned.exit_code == _CHANGES)
        objects = len(self._avi.objects())
        self._promise(
            f"{len(steps)} steps, with {objects} objects there", len(steps), is_kept=0 < len(steps) < objects / 2
        )
        self._tell.say(
            "Now the same manifest goes into the folder that the running controller watches, while clients ask on."
        )
        before_it, after_it = (set(self._traffic.wanted(self._folder / name)) for name in (MANIFESTS, _NEXT))
        self._traffic.stand_in(self._folder / _NEXT)
        mark, now = self._avi.mark(), time.time()
        with self._traffic.stream(before_it & after_it) as stream:
            # Moved, not copied: who watches the folder sees the old file or the new one.
            changed.replace(self._manifests / changed.name)
            writes = self._promise_writes(mark, steps)
            self._tell.say(f"The last write was answered {writes.last - now:.1f} s after the file was changed.")
            self._promise_served()
            self._promise_nothing_to_do()
        self._traffic.promise_none_lost(stream)
        changed_hosts = {wanted.host for wanted in after_it - before_it}
        self._traffic.promise_answers(sorted(wanted for wanted in after_it if wanted.host in changed_hosts))

    def _repair(self) -> None:
        route = next(route for route in self._avi.routes() if route.scheme == "https" and route.servers)
        pool, child = AviRef("pool", route.pool), AviRef("virtualservice", route.virtual_service)
        self._tell.step(
            "Repair",
            f"Somebody empties {pool!r} and deletes {child!r} by hand. The next full sync finds it (each second here; "
            "every half an hour unless told otherwise).",
        )
        before, mark, broken_at = self._avi.objects(), self._avi.mark(), time.time()
        self._avi.break_field(pool, "servers", [])
        self._avi.break_object(child)
        self._await(lambda: self._avi.objects() == before and len(self._avi.writes(mark).steps) > 1)
        writes = self._avi.writes(mark)
        self._tell.show((f"repaired {writes.last - broken_at:.1f} s later:", *(f"  {step}" for step in writes.steps)))
        self.show_log()
        now = self._avi.objects()
        self._promise("every object is as it was before", _unlike(before, now), is_kept=now == before)
        mended = {AviRef(step.type, step.name) for step in writes.steps}
        self._promise("only what was broken was written", mended, is_kept=mended == {pool, child})
        emptied = now.get(pool)
        servers = len(emptied.servers) if isinstance(emptied, Pool) else 0
        self._promise(
            f"the pool has {len(route.servers)} servers again", servers, is_kept=servers == len(route.servers)
        )
        self._traffic.promise_served(self._traffic.wanted(self._manifests))
        self._promise_quiet()

    def _remove(self) -> None:
        self._tell.step(
            "Remove",
            "The manifests go, all at once. That might be a mistake: everybody stays served until the controller is "
            "told that it is meant, by an annotation on its ConfigMap. Then what was made for them goes. Shared "
            "virtual services stay while the controller runs: their addresses may be needed again.",
        )
        mark, before = self._avi.mark(), self._avi.routes()
        wanted = self._traffic.wanted(self._manifests)
        for file in self._manifests.iterdir():
            file.unlink()
        self._await(lambda: _HELD.search(self._controller.complaints()) is not None)
        held = _HELD.search(self._controller.complaints())
        self._promise("the deletion waits for being confirmed", self._controller.complaints(), is_kept=held is not None)
        is_served = self._avi.routes() == before
        self._promise("and everybody is still served", self._avi.routes(), is_kept=is_served)
        self._traffic.promise_served(wanted)
        confirmation = _CONFIRMATION.replace("PLAN", held[1] if held else "")
        (self._manifests / "confirmation.yaml").write_text(confirmation, encoding="utf-8")
        self._tell.show(confirmation.splitlines())
        self._await(lambda: not self._unneeded())
        self._tell.show((_counted(self._avi.writes(mark)),))
        self._tell.show(as_table(self._avi.routes()))
        left = self._unneeded()
        self._promise("nothing is left but virtual services that serve nobody", left, is_kept=not left)
        self._traffic.promise_gone(wanted)
        self._promise_quiet()

    def _clear(self) -> None:
        self._tell.step(
            "Clear away",
            "At its start, the controller deletes shared virtual services that serve nobody. And where `deleteConfig` "
            "is set, it takes back even its label on the Service Engine group.",
        )
        code = self._controller.stop()
        self._promise("the controller stops with exit code 0", code, is_kept=code == 0)
        left, mark = self._avi.objects(), self._avi.mark()
        self._once("run --once")
        writes = self._avi.writes(mark)
        deleted = {AviRef(step.type, step.name) for step in writes.steps if step.verb == "delete"}
        self._tell.show((_counted(writes),))
        self._promise(f"the {len(left)} objects that were left are deleted", deleted, is_kept=deleted == left.keys())
        self._once("run --once --set AKOSettings.deleteConfig=true")
        now = self._avi.everything()
        odd = sorted(str(key) for key in now.keys() | self._at_first.keys() if now.get(key) != self._at_first.get(key))
        self._promise(f"all {len(now)} objects on the Controller are as they were at first", odd, is_kept=not odd)

    def _once(self, command: str) -> None:
        done = self._command(command)
        self._promise("exit code 0: in line", done.exit_code, is_kept=done.exit_code == 0)

    def _unneeded(self) -> list[AviRef]:
        """Give what serves somebody, and what nothing refers to: none of it may be there without manifests."""
        objects = self._avi.objects()
        needed = {ref for item in objects.values() for ref in item.references()}
        serving = {
            AviRef("virtualservice", route.virtual_service) for route in topology(objects.values()) if route.host
        }
        return sorted(serving | {ref for ref in objects if ref.type != "virtualservice" and ref not in needed})

    # What several steps need.

    def _await(self, condition: Callable[[], bool]) -> bool:
        """Wait for what the running controller brings about, as long as it runs; say whether it came."""
        running = self._controller
        return wait_until(lambda: running.exit_code is not None or condition()) and running.exit_code is None

    def _promise(self, promise: str, found: object, *, is_kept: bool) -> None:
        self._tell.promise(promise, found=str(found), is_kept=is_kept)

    def _command(self, command: str, manifests: str = MANIFESTS) -> Finished:
        done = self._programs.finish(command, manifests)
        self._tell.show((f"$ {self._programs.spelt(command, manifests)}", *done.lines, *done.log.splitlines()))
        return done

    def _promise_writes(self, mark: int, steps: frozenset[Step]) -> Writes:
        """Wait for the steps of a plan to be carried out, and promise that nothing else was."""
        self._await(lambda: steps <= set(self._avi.writes(mark).steps))
        writes = self._avi.writes(mark)
        self._tell.show((_counted(writes),))
        self._promise("every write was accepted", writes.failures, is_kept=not writes.failures)
        missing = sorted(map(str, steps - set(writes.steps)))
        self._promise(f"all {len(steps)} steps of the plan are done", f"not done: {missing}", is_kept=not missing)
        # What changes in one file may reach the controller as two changes: then an object may be written twice.
        objects = {(step.type, step.name) for step in steps}
        odd = sorted(str(step) for step in writes.steps if (step.type, step.name) not in objects)
        self._promise("and no other object was touched", odd, is_kept=not odd)
        return writes

    def _promise_nothing_to_do(self) -> None:
        """Promise that a plan finds nothing; asked until it does, because the controller may be at it."""
        last: list[Finished] = []

        def is_settled() -> bool:
            last[:] = [self._programs.finish("plan")]
            return last[0].exit_code == _NO_CHANGES

        is_kept = self._await(is_settled)
        self._promise("`ako plan` finds nothing to do", "\n".join(last[0].lines), is_kept=is_kept)

    def _promise_served(self) -> None:
        wanted = asked_for(self._manifests)
        self._await(lambda: served_by(self._avi.routes()) == wanted)
        odd = sorted(wanted ^ served_by(self._avi.routes()))
        self._promise(f"these are the {len(wanted)} routes that the manifests ask for", odd, is_kept=not odd)

    def _promise_quiet(self) -> None:
        log, code = self._controller.complaints(), self._controller.exit_code
        is_kept = code is None and " ERROR " not in log
        self._promise("the controller runs, with no error in its log", log or f"exit code {code}", is_kept=is_kept)

    def _statuses(self) -> Mapping[str, tuple[str, ...]]:
        """Give the addresses and names in the last status of each Kubernetes object."""
        report = self._folder / _REPORT
        # Up to the last line break: what follows is being written.
        whole = report.read_text().rpartition("\n")[0] if report.exists() else ""
        entries = [json.loads(line) for line in whole.splitlines()]
        return {entry["object"]: _told(entry["status"]) for entry in entries if "status" in entry}

    def _told_addresses(self) -> list[str]:
        return sorted({word for words in self._statuses().values() for text in words for word in text.split()[:1]})


def _told(status: Any) -> tuple[str, ...]:
    """Give each entry as "address name"; that of a Route has the address in its condition."""
    entries = ((status or {}).get("loadBalancer") or {}).get("ingress") or ()
    routes = [(each["conditions"][0].get("message", ""), each["host"]) for each in (status or {}).get("ingress") or ()]
    pairs = [(entry.get("ip", ""), entry.get("hostname", "")) for entry in entries]
    return tuple(f"{address} {name}".strip() for address, name in (*pairs, *routes))


def _difference(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[:1] in "+-" and line[:3] not in {"+++", "---"}]


def _counted(writes: Writes) -> str:
    """Say how many writes of which kind there were, and what time passed from the first to the last."""
    by_verb: dict[str, Counter[str]] = {}
    for step in writes.steps:
        by_verb.setdefault(step.verb, Counter())[step.type] += 1
    parts = [
        f"{verb} " + ", ".join(f"{n} {kind}" for kind, n in sorted(c.items())) for verb, c in sorted(by_verb.items())
    ]
    return f"{len(writes.steps)} writes in {writes.seconds * 1000:.0f} ms: {'; '.join(parts)}"


def _unlike(before: Mapping[AviRef, AviObject], now: Mapping[AviRef, AviObject]) -> list[AviRef]:
    return sorted(ref for ref in before.keys() | now.keys() if before.get(ref) != now.get(ref))
