"""`ako explain`: why a host, an object or an address is as it is, from the source object to the servers and back."""

from __future__ import annotations

import argparse
import json
import os
from contextlib import suppress

import msgspec
from msgspec.structs import replace

from ako.cli.explain.alone import worked_out
from ako.cli.explain.lines import show
from ako.cli.explain.running import at, through_api_server
from ako.cli.parser import add_format_argument
from ako.cli.screen import Screen
from ako.cli.wiring import add_looking_arguments, given
from ako.core.base.errors import AkoError
from ako.core.base.log import configure_logging
from ako.core.explain.answer import Answer
from ako.core.explain.reading import outline_of
from ako.core.kube.errors import KubeError
from ako.core.settings import Settings


def declare(parser: argparse.ArgumentParser) -> None:
    """Say what the command takes."""
    parser.description = (
        "Says of a host, an object or an address why it is as it is: who asks for it and who has it, by which rules, "
        "with which servers, what is wrong and what would make it right. Writes nothing."
    )
    parser.epilog = (
        "Exit codes: 0 answered, also of what is not ours; 1 nothing of that name is known, or failed; 64 a fault of "
        "usage or of settings. Example: ako explain shop.example.com/cart --config values.yaml --manifests manifests"
    )
    parser.add_argument(
        "question",
        nargs="+",
        type=_word,
        metavar="QUESTION",
        help="HOST[/PATH], KIND/NAMESPACE/NAME, a name or uuid on the Avi Controller, TYPE/NAME, or an IP address",
    )
    add_looking_arguments(parser)
    parser.add_argument(
        "--controller",
        metavar="URL",
        default="",
        help="ask the controller whose health port is there, such as http://127.0.0.1:8080, and nobody else",
    )
    add_format_argument(parser, "outline")
    parser.set_defaults(run=run)


def _word(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("is empty")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        raise argparse.ArgumentTypeError("is not UTF-8")
    return text.strip()


def run(arguments: argparse.Namespace) -> int:
    """Answer, and print that."""
    configure_logging("ERROR", "text")
    answer = _answer(arguments, " ".join(arguments.question))
    if arguments.format == "json":
        print(_json(answer))
    elif arguments.format == "outline":
        print(_json(outline_of(answer)))
    else:
        show(Screen(), outline_of(answer))
    return 0 if answer.is_found else 1


def _answer(arguments: argparse.Namespace, question: str) -> Answer:
    """Have the question answered by whoever knows most: a controller that runs, else this process."""
    if arguments.controller:
        return at(arguments.controller, question, arguments.controller)
    if arguments.manifests is not None:
        return worked_out(arguments, question)
    try:
        return _running(arguments, question)
    except AkoError as error:
        answer = worked_out(arguments, question)
        return replace(answer, notes=(*answer.notes, f"no running controller was asked: {error}"))


def _running(arguments: argparse.Namespace, question: str) -> Answer:
    """Ask the controller in this pod, or through the API server the one that works."""
    port = _port(arguments)
    if not port:
        raise AkoError("AKOSettings.apiServerPort is 0, so that nobody knows its port; give it by --controller URL.")
    here: Answer | None = None
    if _is_in_pod(arguments):
        with suppress(AkoError):  # it may be another pod than that of a controller
            here = at(f"http://127.0.0.1:{port}", question, "in this pod")
    if here is not None and here.works:
        return here
    try:
        return through_api_server(arguments.kubeconfig, port, question, arguments.secrecy)
    except AkoError:
        if here is None:
            raise
        return here  # which names the replica to ask


def _is_in_pod(arguments: argparse.Namespace) -> bool:
    return arguments.kubeconfig is None and "KUBERNETES_SERVICE_HOST" in os.environ


def _port(arguments: argparse.Namespace) -> int:
    """Give the health port; in a pod that of the chart, where the settings cannot be read just now."""
    try:
        return int(given(arguments).loaded.settings.ako_settings.api_server_port)
    except KubeError:
        if not _is_in_pod(arguments):
            raise
        return int(Settings().ako_settings.api_server_port)


def _json(value: object) -> str:
    return json.dumps(msgspec.to_builtins(value), indent=2, ensure_ascii=False)
