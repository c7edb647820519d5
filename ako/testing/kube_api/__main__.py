"""Runs the stand-in as a process of its own: `python -m ako.testing.kube_api --port 8001 --routes`."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from ako.testing.kube_api.control import Control
from ako.testing.kube_api.errors import ApiError
from ako.testing.kube_api.server import KubeApi


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m ako.testing.kube_api", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one (default)")
    parser.add_argument("--routes", action="store_true", help="serve OpenShift Routes")
    parser.add_argument("--token", default="", help="bearer token that every request must carry")
    parser.add_argument("--load", type=Path, nargs="*", default=[], metavar="FILE", help="manifests to begin with")
    parser.add_argument("--kubeconfig-out", type=Path, metavar="FILE", help="where to write a kubeconfig")
    options = parser.parse_args(arguments)
    # Blocked before any thread starts, so that the signals wait for sigwait() below.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    with KubeApi(serve_routes=options.routes, port=options.port, token=options.token) as kube:
        Control(kube).attach()
        try:
            kube.load(*options.load)
        except (OSError, LookupError, ApiError) as problem:
            sys.stderr.write(f"cannot load {', '.join(map(str, options.load))}: {problem}\n")
            return 1
        if options.kubeconfig_out:
            kube.write_kubeconfig(options.kubeconfig_out)
        sys.stdout.write(f"Kubernetes API stand-in on {kube.url}\n")
        sys.stdout.flush()
        signal.sigwait({signal.SIGTERM, signal.SIGINT})
    return 0


if __name__ == "__main__":
    sys.exit(main())
