"""A stand-in for `oc` or `kubectl`: an executable that answers the few verbs that are used from a file beside it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

_PROGRAM = """\
#!{python} -IS
import json, pathlib, sys

here = pathlib.Path(__file__).parent
answers = json.loads((here / "answers.json").read_text())
words = [word for word in sys.argv[1:] if not word.startswith("-")]
flags = dict(word.lstrip("-").partition("=")[::2] for word in sys.argv[1:] if word.startswith("-"))
with (here / "asked.jsonl").open("a") as log:
    log.write(json.dumps(sys.argv) + "\\n")


def fail(text):
    print(text, file=sys.stderr)
    sys.exit(1)


if words == ["whoami"] and pathlib.Path(sys.argv[0]).name == "oc" or words == ["auth", "whoami"]:
    print(answers["user"]) if "user" in answers else fail("error: unknown command whoami")
elif words[:2] == ["auth", "can-i"]:
    right = " ".join(words[2:]) + ("/" + flags["subresource"] if "subresource" in flags else "")
    if answers.get("review"):
        fail(answers["review"])
    is_forbidden = right in answers.get("forbidden", [])
    print("no" if is_forbidden else "yes")
    sys.exit(is_forbidden)
elif words[0] == "api-resources":
    print("\\n".join(answers["served"].get(flags["api-group"], [])))
elif words[0] == "get":
    kind = words[1] if "." in words[1] or words[1].endswith("s") else words[1] + "s"  # singular is understood too
    if kind in answers.get("failing", {{}}):
        fail(answers["failing"][kind])
    found = answers.get("objects", {{}}).get(kind, [])
    namespace = flags.get("namespace")
    items = [o for o in found if namespace in (None, o["metadata"].get("namespace"))]
    print(json.dumps({{"apiVersion": "v1", "kind": "List", "items": items}}))
else:
    fail("unknown: " + " ".join(words))
"""

SERVED = {
    "": ["services", "secrets", "configmaps", "nodes", "endpoints", "events", "pods"],
    "discovery.k8s.io": ["endpointslices.discovery.k8s.io"],
    "networking.k8s.io": ["ingresses.networking.k8s.io", "ingressclasses.networking.k8s.io"],
    "apps": ["statefulsets.apps"],
}
OPENSHIFT = {**SERVED, "route.openshift.io": ["routes.route.openshift.io"]}


class StandIn:
    """The program in a folder of its own, to be put on the PATH."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.name = name
        folder.mkdir(exist_ok=True)
        program = folder / name
        program.write_text(_PROGRAM.format(python=sys.executable), encoding="utf-8")
        program.chmod(0o755)

    def answer(self, **answers: object) -> None:
        """Have it answer so from now on."""
        (self.folder / "answers.json").write_text(json.dumps(answers), encoding="utf-8")

    def asked(self) -> list[list[str]]:
        """Give the arguments of every call."""
        lines = (self.folder / "asked.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line)[1:] for line in lines]


def admitted(router: str) -> Mapping[str, Any]:
    """Build the entry of a router that admits a Route."""
    return {"routerName": router, "conditions": [{"type": "Admitted", "status": "True"}]}
