"""A plugin that raises, installed as one of a third party is."""

from __future__ import annotations

from tests.monitoring.scene import Scene

SOURCE = """
import ako

@ako.hookimpl
def ako_translate(virtual_host, view):
    if "poison" in virtual_host.host:
        raise RuntimeError("spilled")
"""


def install(scene: Scene) -> None:
    """Have it found, by an interpreter that starts, and enabled."""
    site = scene.folder / "site"
    metadata = site / "ako_poison-1.0.dist-info"
    metadata.mkdir(parents=True)
    (site / "ako_poison.py").write_text(SOURCE, encoding="utf-8")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: ako-poison\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text("[ako.plugins]\npoison = ako_poison\n", encoding="utf-8")
    scene.stage.variables["PYTHONPATH"] = str(site)
    plugins = {"enabled": ["poison", "ingress", "clusterip_routes", "loadbalancer"]}
    scene.stage.configure(ako={"plugins": plugins})
