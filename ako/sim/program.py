"""Runs the simulator as a program until it is told to stop; the command line calls it."""

from __future__ import annotations

import argparse
import json
import math
import signal
import sys
from pathlib import Path

import msgspec

from ako.sim.faults import Fault, decode_fault
from ako.sim.options import Baseline, SimulatorOptions
from ako.sim.problems import ApiError
from ako.sim.server import Simulator

_USAGE_FAULT = 64


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the simulator's options."""
    default = SimulatorOptions()
    add = parser.add_argument
    add("--host", default=default.host, help="address to listen on (default: %(default)s)")
    add("--port", type=int, default=8443, help="port to listen on, 0 for any free one (default: %(default)s)")
    add("--tls", action="store_true", help="serve HTTPS with a certificate made for this run")
    add("--ca-file", type=Path, metavar="FILE", help="with --tls: write the authority's certificate to FILE")
    add("--version", default=default.version, help="release to pretend to be (default: %(default)s)")
    add("--username", default=default.username, help="name to log in with (default: %(default)s)")
    add("--password", default=default.password, help="password to log in with (default: %(default)s)")
    add("--latency-ms", type=float, default=0, metavar="MS", help="wait before each answer (default: none)")
    add("--baseline", type=Path, metavar="FILE", help="JSON file: what differs from the usual first objects")
    add("--lenient", action="store_true", help="drop unknown fields, as real releases do, instead of refusing them")
    add("--data-plane", action="store_true", help="forward requests as the objects say; needs the extra ako[sim]")
    add(
        "--dial-servers",
        action="store_true",
        help="with --data-plane: call servers at their own addresses where no stand-in was named for them",
    )
    add("--fault", action="append", default=[], metavar="JSON",
        help='inject a fault from the start, e.g. \'{"match": {"method": "POST"}, "status": 503, "times": 2}\'; '
        "may be repeated")  # fmt: skip
    add("--ready-file", type=Path, metavar="FILE", help="write the URL to FILE once requests are answered")


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit code, like all of `ako` 64 for options that cannot be used."""
    try:
        options = _options(arguments)
        faults = [_fault(text) for text in arguments.fault]
        simulator = Simulator(options)
    except (OSError, ValueError, msgspec.MsgspecError) as problem:
        print(f"ako sim: {problem}", file=sys.stderr)
        return _USAGE_FAULT
    except ApiError as problem:
        print(f"ako sim: the baseline is refused: {json.dumps(problem.body)}", file=sys.stderr)
        return _USAGE_FAULT
    for fault in faults:
        simulator.faults.add(fault)
    # Blocked before any thread starts, so that every thread inherits it and only sigwait below gets the signals.
    signals = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        simulator.start()
    except ValueError as problem:
        print(f"ako sim: {problem}", file=sys.stderr)
        return _USAGE_FAULT
    except OSError as problem:
        print(f"ako sim: cannot listen on {options.host}:{options.port}: {problem}", file=sys.stderr)
        return 1
    with simulator:
        _announce(simulator, arguments)
        signal.sigwait(signals)
    return 0


def main(argv: list[str] | None = None) -> int:
    """Run the simulator with the given arguments."""
    parser = argparse.ArgumentParser(prog="python -m ako.sim", description="Simulates an Avi Controller.")
    add_arguments(parser)
    return run(parser.parse_args(argv))


def _fault(text: str) -> Fault:
    try:
        return decode_fault(text)
    except msgspec.MsgspecError as problem:
        raise ValueError(f"--fault {text} is no fault in JSON: {problem}") from None


def _baseline(path: Path) -> Baseline:
    try:
        return Baseline.load(path)
    except msgspec.MsgspecError as problem:
        raise ValueError(f"--baseline {path} is no baseline in JSON: {problem}") from None


def _options(arguments: argparse.Namespace) -> SimulatorOptions:
    if arguments.ca_file is not None and not arguments.tls:
        raise ValueError("--ca-file needs --tls: without it there is no authority whose certificate could be written")
    if arguments.dial_servers and not arguments.data_plane:
        raise ValueError("--dial-servers needs --data-plane: without it nobody calls a server")
    if not 0 <= arguments.latency_ms < math.inf:
        raise ValueError(f"--latency-ms must be 0 or more, got {arguments.latency_ms}")
    return SimulatorOptions(
        host=arguments.host,
        port=arguments.port,
        tls=arguments.tls,
        version=arguments.version,
        username=arguments.username,
        password=arguments.password,
        latency_ms=arguments.latency_ms,
        lenient=arguments.lenient,
        baseline=_baseline(arguments.baseline) if arguments.baseline else None,
        data_plane=arguments.data_plane,
        dial_servers=arguments.dial_servers,
    )


def _announce(simulator: Simulator, arguments: argparse.Namespace) -> None:
    options = simulator.options
    if arguments.ca_file is not None:
        arguments.ca_file.write_text(simulator.ca_pem)
    print(
        f"Avi Controller simulator on {simulator.url} (version {options.version}, user {options.username})", flush=True
    )
    if arguments.ready_file is not None:
        arguments.ready_file.write_text(simulator.url + "\n")
