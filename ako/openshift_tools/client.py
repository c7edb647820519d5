"""The command-line client of the cluster, as `openshift_client` drives it: the only module that imports that library.

`oc` where there is one, else `kubectl`, which has all verbs that are used here but `whoami`.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import openshift_client as oc
from openshift_client.model import OpenShiftPythonException

from ako.core.base.errors import AkoError
from ako.diagnosis.bundle import resource_name

TOOLS = ("oc", "kubectl")
TIMEOUT_SECONDS = 60
"""For everything that one command asks."""

Json = dict[str, Any]


class ToolError(AkoError):
    """The client could not do what was asked; the message is its own."""


class Client:
    """Asks a cluster, read only; every question is noted."""

    def __init__(self, path: str, tracker: Any) -> None:
        self.path = path
        self._tracker = tracker
        self._served: dict[str, frozenset[str]] = {}

    @property
    def name(self) -> str:
        """Give the name of the program: `oc` or `kubectl`."""
        return Path(self.path).name

    def user(self) -> str:
        """Give who asks, as the cluster sees it."""
        if self.name == "oc":
            return str(_answer(oc.whoami))
        return self._invoke("auth", "whoami", "-o=jsonpath={.status.userInfo.username}").strip()

    def serves(self, group: str, plural: str) -> bool:
        """Say whether the API server serves a resource."""
        if group not in self._served:
            self._served[group] = frozenset(self._invoke("api-resources", f"--api-group={group}", "-o=name").split())
        return resource_name(plural, group) in self._served[group]

    def may(self, verb: str, resource: str, *, namespaced: bool = True, user: str = "") -> bool:
        """Say whether a verb is allowed everywhere, to whoever asks or to another user.

        A resource is `<plural>`, `<plural>.<group>`, or one of these with `/<subresource>`.
        """
        plural, slash, subresource = resource.partition("/")
        arguments = ["can-i", verb, plural]
        arguments += [f"--subresource={subresource}"] if slash else []
        arguments += ["--all-namespaces"] if namespaced else []
        arguments += [f"--as={user}"] if user else []
        result = oc.invoke("auth", arguments, auto_raise=False)
        word = (str(result.out()).split() or [""])[0]
        if word not in {"yes", "no"}:
            raise ToolError(_words(result) or f"{self.name} auth can-i gave no answer")
        return word == "yes"

    def objects(self, kind: str, namespace: str = "") -> Sequence[Any]:
        """Give the objects of a kind (`<plural>.<group>`), of all namespaces or one; their `model` never raises."""
        with oc.project(namespace):
            found: Sequence[Any] = _answer(lambda: oc.selector(kind, all_namespaces=not namespace).objects())
        return found

    def manifests(self, group: str, plural: str, namespace: str = "") -> list[Mapping[str, Any]]:
        """Give the objects of a resource as they are written, of all namespaces or one."""
        return [found.as_dict() for found in self.objects(resource_name(plural, group), namespace)]

    def transcript(self) -> list[Json]:
        """Give what was asked so far, without the answers: these are elsewhere, and may hold secrets."""
        actions = [action.as_dict() for action in self._tracker.get_result().actions()]
        return [{key: action[key] for key in ("cmd", "status", "elapsed_time", "err")} for action in actions]

    def _invoke(self, verb: str, *arguments: str) -> str:
        return str(_answer(lambda: oc.invoke(verb, list(arguments)).out()))


@contextmanager
def connected(kubeconfig: Path | None, environ: Mapping[str, str]) -> Iterator[Client]:
    """Find the client program and have it ask a cluster: that of a kubeconfig, else the one it asks by itself.

    Raises:
        ToolError: there is neither `oc` nor `kubectl`.
    """
    search = environ.get("PATH", "")
    path = next((found for name in TOOLS if (found := shutil.which(name, path=search))), None)
    if path is None:
        raise ToolError(f"neither {' nor '.join(TOOLS)} is on the PATH; install one of them to ask a cluster.")
    with ExitStack() as contexts:
        contexts.enter_context(oc.client_path(path))
        contexts.enter_context(oc.api_server(kubeconfig_path=str(kubeconfig) if kubeconfig else None))
        contexts.enter_context(oc.timeout(TIMEOUT_SECONDS))
        yield Client(path, contexts.enter_context(oc.tracking()))


def _answer(ask: Any) -> Any:
    try:
        return ask()
    except OpenShiftPythonException as fault:
        raise ToolError(_words(fault.get_result()) or fault.msg) from fault


def _words(result: Any) -> str:
    """Give what the program said on standard error, on one line."""
    return " ".join(str(result.err()).split()) if result is not None else ""
