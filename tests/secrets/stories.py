"""What is done with secrets, and what goes wrong meanwhile: each story is a function of a scene."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import yaml

import ako.cli.demo
from ako.testing.listener import Listener, Request, Response
from tests.builders import Manifest, ingress, secret
from tests.e2e.stage import config_map
from tests.plugins.openshift_route.stand_in import OPENSHIFT, StandIn
from tests.plugins.openshift_route.worlds import edge, route
from tests.secrets import scene as known
from tests.secrets.gateway import ECHOES
from tests.secrets.needles import private_part
from tests.secrets.scene import Scene, coded, serves
from tests.waiting import eventually


class Story(NamedTuple):
    """What is played, and on which stage: with Routes, with an interpreter of its own."""

    name: str
    play: Callable[[Scene], object]
    routes: bool = False
    typed: bool = False

    def __str__(self) -> str:
        return self.name


# ---- all is well ---------------------------------------------------------------------------------------------


def runs(scene: Scene, form: str) -> None:
    scene.stage.configure(ako={"logFormat": form})
    with scene.stage.start("--report", str(scene.stage.report)) as ako:
        serves(scene, "bank")
        ako.becomes_ready()
        scene.look(ako)
        scene.stage.put("bank", ingress("bank", ("bank.com", "/x", "web:80"), tls={"bank.com": "bank"}), *_keys())
        scene.stage.avi.expire_sessions()
        eventually(lambda: len(scene.gateway.sessions) > 2, "another login")
        scene.look(ako)
        ako.stop()


def runs_in_a_cluster(scene: Scene, *, routes: bool) -> None:
    scene.fill(routes=routes)
    scene.stage.configure(avicredentials={"username": "", "password": ""})
    with scene.stage.start(kubeconfig=scene.kubeconfig) as ako:
        serves(scene, "way" if routes else "bank")
        ako.becomes_ready()
        scene.look(ako)
        ako.stop()


def commands(scene: Scene) -> None:
    stage, kubeconfig = scene.stage, scene.kubeconfig
    scene.fill()
    state = str(scene.folder / "state.json")
    for words in (
        ("plan", "--fields", "--save", state),
        ("plan", "--against", state),
        ("plan", "--format", "json"),
        ("explain", "bank.com"),
        ("explain", "secret/default/cert", "--format", "json"),
        ("run", "--once", "--report", str(stage.report)),
        ("plan",),
        ("cleanup",),
        ("cleanup", "--yes"),
    ):
        stage.ako(*words)
    for words in (("plan", "--format", "json"), ("run", "--once"), ("rbac",), ("rbac", "--check"), ("cleanup",)):
        stage.ako(*words, kubeconfig=kubeconfig)
    for form in ("text", "json", "yaml"):
        stage.without_cluster("config", "show", "--format", form)
    stage.without_cluster("plugins", "list")
    stage.without_cluster("rbac")
    stage.put("odd", ingress("odd", ("bank.com", "/", "none:80"), tls={"bank.com": "bank"}))
    for form in ("text", "json", "sarif", "junit"):
        report = str(stage.folder / f"found.{form}")
        stage.without_cluster("check", str(stage.manifests), "--format", form, "--output", report)


def demonstrated(scene: Scene) -> None:
    """The demonstration has a key of its own, in the manifests that it comes with."""
    manifest = (Path(ako.cli.demo.__file__).parent / "data" / "manifests" / "shop-tls.yaml").read_text(encoding="utf-8")
    key = next(yaml.safe_load_all(manifest))["stringData"]["tls.key"]
    scene.secrets["key of the demonstration"] = private_part(key)
    assert scene.stage._finished(["demo"]).returncode == 0


def flags_and_variables(scene: Scene) -> None:
    stage = scene.stage
    stage.variables["AKO_AVICREDENTIALS__AUTHTOKEN"] = known.AUTHTOKEN
    stage.variables["CTRL_PASSWORD"] = known.PASSWORD
    stage.ako("run", "--once", "--set", f"avicredentials.password={known.PASSWORD}")
    stage.without_cluster("config", "show", "--set", f"avicredentials.password={known.PASSWORD}")
    stage.without_cluster("config", "show", "--set", f"avicredentials.pasword={known.PASSWORD}")
    stage.without_cluster("config", "show", "--set", known.PASSWORD)
    stage.without_cluster("config", "show", "--password", known.PASSWORD)


def for_a_bug_report(scene: Scene) -> None:
    stage = scene.stage
    scene.fill()
    program = StandIn(scene.folder / "programs", "oc")
    way = route("way", "way.com", tls=edge("way.com"))
    variable = {"name": "CTRL_PASSWORD", "value": known.PASSWORD}
    pod = {"kind": "Pod", "metadata": {"name": "ako-0", "namespace": "avi-system"}, "spec": {"env": [variable]}}
    event = {"kind": "Event", "metadata": {"namespace": "default"}, "message": f"bad {known.ROUTE_KEY} {known.JWT}"}
    own = {"kind": "ConfigMap", "metadata": {"name": "avi-k8s-config", "namespace": "avi-system"}}
    program.answer(
        user="alice",
        served=OPENSHIFT,
        failing={"nodes": f"forbidden for {known.JWT} with {known.PASSWORD}"},
        objects={
            "routes.route.openshift.io": [way],
            "pods": [pod],
            "events": [event],
            "configmaps": [{**own, "data": {"clusterName": "c"}}],
        },
    )
    stage.variables["PATH"] = str(scene.folder / "programs")
    # A copy: the client is given a kubeconfig by its path.
    where = ("--config", str(stage.config), "--kubeconfig", str(scene.kubeconfig))
    stage._finished(["openshift", "doctor", *where])
    stage._finished(["openshift", "inspect", *where, "--output", str(scene.folder / "out.tar.gz")])
    stage._finished(["doctor", *where])
    archive = scene.folder / "any.tar.gz"
    stage._finished(["inspect", *where, "--output", str(archive)])
    assert archive.exists()


# ---- the Controller tells what it was sent ----------------------------------------------------------------------


def echoed(scene: Scene, path: str, how: str) -> None:
    scene.gateway.echoes, scene.gateway.echo = path, how
    with scene.stage.start("--report", str(scene.stage.report)) as ako:
        eventually(lambda: any(target.startswith(path) for target in scene.gateway.targets), "an echo")
        eventually(lambda: len(scene.gateway.targets) > 1, "more than that")
        scene.look(ako)
        ako.stop()
    scene.command("plan")
    scene.command("run", "--once")
    scene.command("cleanup", "--yes")


def wrong_password(scene: Scene) -> None:
    wrong = known.PASSWORD[::-1]
    scene.secrets["wrong password"] = wrong
    scene.stage.configure(avicredentials={"password": wrong})
    scene.gateway.echoes, scene.gateway.echo = "/login", "refused login"
    with scene.stage.start() as ako:
        ako.says("Invalid credentials")
        scene.look(ako)
        ako.stop()
    scene.command("run", "--once")


def echoed_by_the_api_server(scene: Scene) -> None:
    """The API server refuses everything, with all that it was sent."""

    def answer(request: Request) -> Response:
        told = f"forbidden: {request.headers} {request.body.decode()}"
        status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": told, "code": 403}
        return Response(403, json.dumps(status).encode())

    kubeconfig = scene.kubeconfig
    listener = Listener(answer)
    try:
        server = f"http://127.0.0.1:{listener.port}"
        text = kubeconfig.read_text(encoding="utf-8").replace(scene.kube.url, server)
        kubeconfig.write_text(text, encoding="utf-8")
        with scene.stage.start(kubeconfig=kubeconfig) as ako:
            ako.says("forbidden: ")
            ako.explains("forbidden: ")
            scene.look(ako)
            ako.stop()
        for words in (("plan",), ("rbac", "--check")):
            scene.command(*words, kubeconfig=kubeconfig)
    finally:
        listener.close()


# ---- texts that cannot be used -----------------------------------------------------------------------------------


def broken_secrets(scene: Scene) -> None:
    """Secrets whose entries are no PEM, no base64, of other types, or in the wrong place."""
    body = "".join(known.INGRESS_KEY.split("-----")[2].split())
    odd = known.INGRESS_CERTIFICATE
    cases: list[dict[str, Any]] = [
        {"stringData": {"tls.crt": odd, "tls.key": known.PASSWORD}},
        {"stringData": {"tls.crt": known.INGRESS_KEY, "tls.key": odd}},
        {"stringData": {"tls.crt": odd, "tls.key": body}},
        {"data": {"tls.crt": coded(odd), "tls.key": known.INGRESS_KEY}},
        {"data": {"tls.crt": coded(odd), "tls.key": coded(body) + "="}},
        {"data": {"tls.crt": coded(odd), "tls.key": [known.PASSWORD]}},
        {"data": known.PASSWORD},
        {"data": {known.PASSWORD: coded("x"), "tls.crt": 5}},
        {"stringData": {"tls.crt": odd, "tls.key": {known.PASSWORD: known.AUTHTOKEN}}},
        {"stringData": {"tls.crt": odd + known.INGRESS_KEY, "tls.key": known.ROUTE_KEY}},
    ]
    for rank, data in enumerate(cases):
        name = f"odd-{rank}"
        bad = {**secret(name, "", ""), **data}
        if "data" in data:
            del bad["stringData"]
        host = f"{name}.com"
        scene.stage.put(name, ingress(name, (host, "/", "web:80"), tls={host: name}))
        scene.stage.put_text(f"{name}-secret", json.dumps(bad))
    with scene.stage.start("--report", str(scene.stage.report)) as ako:
        ako.becomes_ready()
        scene.look(ako)
        ako.stop()
    scene.command("plan")
    scene.command("run", "--once")


def odd_lines() -> Iterator[str]:
    """Give lines with a secret that are no YAML, or another YAML than was meant."""
    token = known.AUTHTOKEN
    yield from (f"  password: {token}: x", f"  password: [{token}", f'  password: "{token}', f"  password: {{{token}")
    yield from (f"  password: *{token}", f"  password: !{token} x", f"  password: &{token} &{token} x")
    yield from (f"  password: %{token}", f"  password: @{token}", f"  password: `{token}", f"  password: !!int {token}")
    yield from (f"\tpassword: {token}", f"  password: {token}\n   x: y", f"  password: |{token}", f"%{token}")
    yield from (f'  password: "\\q{token}"', f"  - {token}", f"  password: !!binary {token}é", f"  {token}")
    yield from (f"  pass word: {token}", f"  password: [{token}]", f"  password: {{a: {token}}}", f"  pasword: {token}")
    yield from (f"  password: {token}\n  password: {token}", f"  &a {token}: *a", f"  ? {token}\n  : [", f"  {token}:")
    yield from (f"  password: 12\x01{token}", f"  password: !!timestamp {token}", f"  <<: {token}", f"{token}")


def broken_settings(scene: Scene) -> None:
    stage = scene.stage
    for rank, line in enumerate(odd_lines()):
        bad = scene.folder / f"bad-{rank}.yaml"
        bad.write_text(f"AKOSettings:\n  clusterName: c\navicredentials:\n{line}\n", encoding="utf-8")
        stage._finished(["config", "show", "--config", str(bad)])
    for rank, line in enumerate(odd_lines()):
        stage.put_text(f"odd-{rank}", f"kind: Secret\napiVersion: v1\nmetadata: {{name: odd}}\nstringData:\n{line}\n")
    scene.command("plan")
    host = f"https://admin:{known.AUTHTOKEN}@avi"
    stage._finished(["config", "show", "--set", f"ControllerSettings.controllerHost={host}"])
    for key in ("ControllerSettings.password", "AKOSettings.authtoken", "avicredentials", "ako.password"):
        stage._finished(["config", "show", "--set", f"{key}={known.AUTHTOKEN}"])
    scene.kube.apply(dict(config_map(password=known.AUTHTOKEN, authtoken=known.PASSWORD)))
    scene.command("plan", kubeconfig=scene.kubeconfig)


def broken_kubeconfigs(scene: Scene) -> None:
    stage, good = scene.stage, scene.kubeconfig.read_text(encoding="utf-8")
    bad = scene.folder / "bad-kubeconfig"
    for before, after in (
        ("token: ", "token: ["),
        ("token: ", 'token: "'),
        ("token: ", "token: *"),
        ("token: ", "token: !"),
        ("token: ", "token:\n      "),
        ("client-key-data: ", "client-key-data: x"),
        ("client-key-data: ", "client-key-data: {a: "),
        ("client-key-data: ", "client-key: "),
        (known.KUBE_TOKEN, f'"{known.KUBE_TOKEN}\\n{known.AUTHTOKEN}"'),
        (known.KUBE_TOKEN, f'"{known.KUBE_TOKEN}é…"'),
    ):
        bad.write_text(good.replace(before, after), encoding="utf-8")
        stage.ako("plan", kubeconfig=bad)
    stage.ako("rbac", "--check", kubeconfig=bad)
    (scene.folder / "bad-token").write_text(good.replace(known.KUBE_TOKEN, known.JWT), encoding="utf-8")
    stage.ako("plan", kubeconfig=scene.folder / "bad-token")


def keys_in_files(scene: Scene) -> None:
    """The client library writes what a kubeconfig says about TLS into files, for as long as we run."""
    path = scene.kubeconfig
    path.write_text(path.read_text(encoding="utf-8").replace("http://", "https://"), encoding="utf-8")
    with scene.stage.start(kubeconfig=path) as ako:
        eventually(lambda: ako.out, "running")
        assert [leak.secret for leak in scene.leaks()] == ["key of the kubeconfig"]
        ako.stop()
    scene.command("plan", kubeconfig=path)


# ---- plugins, and faults of the program ---------------------------------------------------------------------------

PLUGIN = """
import ako
from pydantic import SecretStr

class Leaky(ako.Section):
    word: SecretStr = ako.setting(SecretStr(""), "A secret.")

@ako.hookimpl
def ako_settings():
    return Leaky

def spill(*things):
    raise RuntimeError("cannot take " + " ".join(f"{{thing}} {{thing!r}}" for thing in things))
{body}
"""

SPILLS = {
    "an object": """
@ako.hookimpl
def ako_translate(virtual_host, view):
    spill(virtual_host, view.get(ako.Secret, "default", "bank"))
""",
    "a key": """
import base64

@ako.hookimpl
def ako_translate(virtual_host, view):
    secret = view.get(ako.Secret, "default", "bank")
    key = (secret.data or secret.string_data).key
    spill(key, key.encode(), base64.b64encode(key.encode()))
""",
    "a fault of the program": """
import base64
import ako.core.settle.certificates as inner

def misfit(certificate, key, *_):
    spill(certificate, key, base64.b64encode(key.encode()))

inner.misfit = misfit
""",
    "a fault in a request": """
import ako.core.avi.codec as codec

def broken(*things):
    spill(*things, *(getattr(thing, "key", "") for thing in things))

codec.encode_new = broken
""",
}


UNMASKED = """
from ako.core.base.secrecy import Secrecy

Secrecy.masked = lambda self, text: text
"""


def spilled(scene: Scene, what: str, more: str = "") -> None:
    site = scene.folder / "site"
    metadata = site / "ako_leaky-1.0.dist-info"
    metadata.mkdir(parents=True)
    (site / "ako_leaky.py").write_text(PLUGIN.format(body=SPILLS[what] + more), encoding="utf-8")
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: ako-leaky\nVersion: 1.0\n", encoding="utf-8")
    (metadata / "entry_points.txt").write_text("[ako.plugins]\nleaky = ako_leaky\n", encoding="utf-8")
    stage = scene.stage
    stage.variables["PYTHONPATH"] = str(site)
    enabled = ["leaky", "ingress", "clusterip_routes"]
    stage.configure(ako={"plugins": {"enabled": enabled}, "leaky": {"word": known.PLUGIN_SECRET}})
    with stage.start("--report", str(stage.report)) as ako:
        ako.says("cannot take")
        scene.look(ako)
        ako.process.kill()
    for words in (("plan",), ("run", "--once", "--report", str(stage.report)), ("config", "show")):
        stage._finished([*words, "--config", str(stage.config), *_manifests(scene, words)])


def _manifests(scene: Scene, words: tuple[str, ...]) -> list[str]:
    return [] if words[0] == "config" else ["--manifests", str(scene.stage.manifests)]


def _keys() -> Iterator[Manifest]:
    yield secret("bank", known.INGRESS_CERTIFICATE, known.INGRESS_KEY)


SAMPLE = [
    Story("runs, as text", partial(runs, form="text")),
    Story("what is sent to log in comes back", partial(echoed, path="/login", how="json")),
    Story("a certificate that is sent comes back", partial(echoed, path="/api/sslkeyandcertificate", how="html")),
]

EVERYWHERE = [
    Story("runs, as JSON", partial(runs, form="json")),
    Story("runs in a cluster", partial(runs_in_a_cluster, routes=False)),
    Story("runs in a cluster with Routes", partial(runs_in_a_cluster, routes=True), routes=True),
    Story("every command", commands),
    Story("the demonstration", demonstrated),
    Story("flags and variables", flags_and_variables),
    Story("a bug report", for_a_bug_report),
    Story("a wrong password", wrong_password),
    Story("an API server that tells what it was sent", echoed_by_the_api_server),
    *(
        Story(f"{path} comes back as {how}", partial(echoed, path=path, how=how))
        for how in ECHOES
        for path in ("/login", "/api/sslkeyandcertificate", "/api/vsvip")
    ),
    Story("Secrets that cannot be used", broken_secrets),
    Story("settings that cannot be read", broken_settings),
    Story("keys in files", keys_in_files, typed=True),
    Story("kubeconfigs that cannot be used", broken_kubeconfigs),
    *(Story(f"spilled: {what}", partial(spilled, what=what), typed=True) for what in SPILLS),
]
