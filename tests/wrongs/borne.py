"""Plugins that do wrong without anything that could be told: what it costs, and what limits it."""

from __future__ import annotations

from tests.wrongs.wrong import Held, Wrong

BORNE = (
    Wrong(
        name="differs",
        does="answers something else each time",
        top="import random",
        code=(
            'rule = PathRule(f"/{random.randrange(10**9)}", PathType.PREFIX, (backend,))\n'
            "return Discovery((HostClaim(source.ref, claim.created, thing.spec.host, (rule,)),))"
        ),
        says="",
        held=Held.BORNE,
        limit="It is asked only when something changed; what it serves changes with each answer.",
        contract="says something else ",
    ),
    Wrong(
        name="leaks",
        does="keeps all that it ever made",
        top="KEPT = []",
        code="KEPT.append(bytearray(1_000_000))",
        says="",
        held=Held.BORNE,
        limit="The memory limit of the container ends it in the end; `process_resident_memory_bytes` grows before.",
        unseen="it leaves little in a test",
    ),
    Wrong(
        name="works_behind",
        does="starts a thread when it is imported",
        top=(
            "import threading\nimport time\n\ndef work():\n    while True:\n        time.sleep(1)\n\n"
            "threading.Thread(target=work, daemon=True).start()"
        ),
        says="",
        held=Held.BORNE,
        limit="Its thread takes its share of the interpreter; `py-spy dump` shows it.",
        contract="threading does I/O",
    ),
)
