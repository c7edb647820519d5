"""Plugins that do what they have no business with."""

from __future__ import annotations

from tests.wrongs.wrong import Wrong

REACHING = (
    Wrong(
        name="threads",
        does="starts a thread",
        top="import threading",
        code="threading.Thread(target=print, daemon=True).start()",
        says="it would start a thread (",
        contract="threading does I/O",
    ),
    Wrong(
        name="pools",
        does="works in a pool of threads",
        top="from concurrent.futures import ThreadPoolExecutor",
        code="with ThreadPoolExecutor() as pool:\n    pool.submit(print)",
        hook="ako_place_backend",
        says="it would start a thread (",
        contract="concurrent.futures does I/O",
    ),
    Wrong(
        name="starts_processes",
        does="starts a process",
        top="import subprocess",
        code='subprocess.run(["true"])',
        says="it would start a process (",
        contract="subprocess does I/O",
    ),
    Wrong(
        name="forks",
        does="forks",
        top="import os",
        code="if os.fork() == 0:\n    os._exit(0)",
        says="it would start a process (",
        contract="os does I/O",
    ),
    Wrong(
        name="shells",
        does="asks a shell",
        top="import os",
        code='os.system("true")',
        says="it would start a process (",
        contract="os does I/O",
    ),
    Wrong(
        name="resolves",
        does="asks DNS",
        top="import socket",
        code='socket.getaddrinfo("localhost", 80)',
        hook="ako_place_backend",
        says="it would use the network (",
        contract="socket does I/O",
    ),
    Wrong(
        name="connects",
        does="opens a connection",
        top="import socket",
        code='socket.create_connection(("127.0.0.1", 9))',
        says="it would use the network (",
        contract="socket does I/O",
    ),
    Wrong(
        name="writes",
        does="writes a file",
        code='open("/tmp/seen-by-a-plugin", "a").close()',
        hook="ako_report",
        says="it would write a file (",
    ),
    Wrong(
        name="removes",
        does="deletes a file",
        top="import os",
        code='os.remove("/tmp/not-there-at-all")',
        says="it would change files (",
        contract="os does I/O",
    ),
    Wrong(
        name="kills",
        does="sends the process a signal",
        top="import os, signal",
        code="os.kill(os.getpid(), signal.SIGTERM)",
        says="it would send a signal (",
        contract="os does I/O",
    ),
)
