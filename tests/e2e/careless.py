"""A plugin that does to a host what its objects say, installed as one of a third party is."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.stage import Stage

SOURCE = """
import logging, re, signal, sys, threading, time
import ako

class Doom(BaseException):
    pass

def loop():
    while True:
        pass

def swallow():
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass

def shy():
    try:
        threading.Thread(target=print).start()
    except BaseException:
        pass

def write():
    open("written", "w")

def deep():
    return deep()

def later():
    import colorsys
    raise LookupError(colorsys.__name__)

def sleep():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()

class Mumbling(Exception):
    def __str__(self):
        while True:
            pass

class Worse(ako.Unknown):
    def __str__(self):
        sys.exit(9)

def thrown(fault):
    raise fault

def deaf():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    logging.disable(50)

def patch():
    ako.View.get = lambda *_: None

DOES = {
    "mumble": lambda: thrown(Mumbling()), "worse": lambda: thrown(Worse()), "deaf": deaf, "patch": patch,
    "loop": loop, "swallow": swallow, "shy": shy, "write": write, "deep": deep, "later": later, "lock": sleep,
    "exit": lambda: sys.exit(7), "doom": lambda: (_ for _ in ()).throw(Doom("black")),
    "interrupt": lambda: (_ for _ in ()).throw(KeyboardInterrupt()),
    "generator": lambda: (_ for _ in ()).throw(GeneratorExit()),
    "match": lambda: re.match("(a*)*b", "a" * 40), "sleep": lambda: time.sleep(1000),
    "hold": lambda: sum(range(10**12)),
}

@ako.hookimpl
def ako_translate(virtual_host, view):
    DOES.get(virtual_host.host.partition(".")[0], lambda: None)()
"""


def install(stage: Stage, folder: Path, limit: int = 1) -> None:
    """Install and enable it."""
    metadata = folder / "ako_careless-1.0.dist-info"
    metadata.mkdir(parents=True)
    (folder / "ako_careless.py").write_text(SOURCE)
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: ako-careless\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[ako.plugins]\ncareless = ako_careless\n")
    stage.variables["PYTHONPATH"] = str(folder)
    plugins = {"enabled": ["careless", "ingress", "clusterip_routes"], "hookLimitSeconds": limit}
    stage.configure(ako={"plugins": plugins}, AKOSettings={"logLevel": "INFO"})
