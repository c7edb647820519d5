"""What kinds of commands pages have, and how each is tried.

| kind | how it is tried |
|---|---|
| `ako …`, `curl …`, and what a shell has | run where the page says, in order, and compared with what is shown |
| `kubectl …` | run by the real program on the stand-in of the API server |
| `make …` | the target is there |
| `python -m …` | the module is there, and knows the flags |
| `helm …` | the chart is rendered by Helm's engine, and goes to that stand-in |
| `pip`, `git`, container tools | verb and flags are known, and the files that are named are there |

Of a page whose programs this machine lacks (kubectl, jq, curl) no command is run; verbs and flags are looked at all the
same.
Commands in the prose, between backticks, are checked as those that are not run.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache

from ako.cli.main import main
from tests.pages.blocks import Step
from tests.pages.site import ROOT


class Way(Enum):
    """How a command is tried."""

    RUN = "run"
    CHECKED = "checked as far as it goes without being run"


RUN = (
    "ako",
    "curl",
    "cat",
    "cp",
    "mkdir",
    "rm",
    "mv",
    "echo",
    "printf",
    "head",
    "tail",
    "sed",
    "grep",
    "jq",
    "cd",
    "export",
    "test",
    "tar",
    "ls",
    "openssl",
)
BUILT_IN = ("cd", "export", "echo", "printf", "test")
NOT_RUN: Mapping[str, str] = {
    r": ako demo": "takes seconds, and has a test of its own: tests/demo",
    r": ako openshift": "needs the program `oc`, and has tests of its own: tests/plugins/openshift_route",
    r"--connect-to": "which port of a virtual address can be had depends on who runs it; tests/demo asks so",
    r"^examples/third_party_source/": "tests/contract/test_third_party.py installs that plugin, and runs it",
    r"^docs/plugins\.md": "tests/contract/test_first_plugin.py makes the plugin, installs it, and does all of that",
    r"^examples/(?:external_servers|traefik_ingressroute|argo_rollouts)/": "tests/contract/test_examples.py does that",
    r"kubectl .*\bpods?\b": "the stand-in of the API server has no pods",
    r"kubectl .*\blease\b": "there is one where there are several replicas only; tests/replicas looks at it",
    r"kubectl .*--field-selector spec\.": "the stand-in of the API server selects by metadata only, as real ones did",
    r"kubectl .*\b(?:certificates|apiservices)\b": "of others",
    r"<[a-z ]+>": "has a place for something of the reader's",
}
"""What could be run, by a pattern of place and command, and why it is checked only."""
KUBECTL: Mapping[str, str] = {
    "apply": "-n -f -k --server-side",
    "annotate": "--overwrite -n",
    "auth can-i": "--as -n -A --list",
    "create": "-f --from-literal --from-file --dry-run -o -n",
    "delete": "-f -n --all --ignore-not-found -l",
    "describe": "-n",
    "edit": "-n",
    "exec": "-n -c --",
    "explain": "",
    "get": "--raw -n -A -o -l -L -w --field-selector --sort-by --all-namespaces",
    "label": "--overwrite -n",
    "logs": "-n -f --since --previous -c --tail -l",
    "patch": "-n --type -p",
    "port-forward": "-n",
    "rollout": "-n --timeout",
    "scale": "-n --replicas",
    "version": "",
    "wait": "-n --for --timeout",
    "events": "-n --for -A",
    "top": "-n",
}
TOOLS: Mapping[str, Mapping[str, str]] = {
    "kubectl": KUBECTL,
    "oc": KUBECTL,
    "helm": {
        "install": "-n --create-namespace -f --values --set --set-file --version --dry-run --wait --namespace",
        "upgrade": "-n -f --values --set --reuse-values --install --version --wait --namespace --history-max",
        "rollback": "-n --wait --namespace",
        "uninstall": "-n --namespace",
        "template": "-n -f --values --set --namespace",
        "lint": "-f --values --set --strict",
        "history": "-n",
        "list": "-n -A",
        "get": "-n --revision",
        "show": "",
        "package": "-d",
        "test": "-n",
        "diff": "",
    },
    "pip": {"install": "-e -c -r --require-hashes --no-index --find-links --target", "download": ""},
    "git": {"clone": "--depth", "checkout": "", "describe": "--tags"},
    **{
        tool: {
            "build": "-t -f --build-arg --platform",
            "run": "--rm --read-only --cap-drop --user --tmpfs --network -v -p -e --env-file --security-opt --name",
            "push": "",
            "pull": "",
            "images": "",
            "image": "",
            "tag": "",
            "save": "-o",
            "load": "-i",
        }
        for tool in ("podman", "docker", "buildah")
    },
    "promtool": {"test": "", "check": ""},
    "cosign": {"verify": "--key --certificate-identity --certificate-oidc-issuer"},
}


def only_looks(command: str) -> bool:
    """Say whether a command changes nothing, so that a reader types it again until what is to come has come."""
    kubectl = r"kubectl (?:-n \S+ )?(?:get|logs|events|exec \S+ -- ako plan) "
    return re.match(rf"(?:\w+=\$\()?(?:curl (?!.* (?:-X|-d) )|{kubectl}|ako plan )", command) is not None


def way(step: Step) -> Way:
    """Say how a command of a block is tried."""
    programs = set(_programs(step.command))
    if any(re.search(pattern, f"{step.where}: {step.command}") for pattern in NOT_RUN):
        return Way.CHECKED
    return Way.RUN if programs <= {*RUN, "kubectl", "helm"} else Way.CHECKED


def lacking(commands: Iterable[Step]) -> set[str]:
    """Give the programs that commands need, and this machine does not have."""
    ours = {"ako", "helm"}
    used = {program for step in commands if way(step) is Way.RUN for program in _programs(step.command)} - ours
    return {program for program in used if shutil.which(program) is None and program not in BUILT_IN}


def faults(step: Step) -> list[str]:
    """Give what is wrong with a command as far as can be said without running it; unknown programs are."""
    found: list[str] = []
    for words in _commands(step.command):
        program = words[0].rpartition("/")[2]
        check = _CHECKS.get(program) or (_tool if program in TOOLS else None)
        if check is not None:
            found += check(words)
        elif program not in RUN:
            found.append(f"{program}: nobody knows how to try it")
        found += (f"{word}: there is no such file" for word in words if _is_ours(word) and not (ROOT / word).exists())
    return [f"{step.where}: {fault}" for fault in found]


def _commands(command: str) -> Iterator[list[str]]:
    """Give the words of each command of a line, without what it is fed, where it writes and its variables."""
    first = re.sub(r"\\\n\s*", " ", command)
    first = re.sub(r"<<-?\s*'?(\w+)'?.*", "", first, flags=re.DOTALL) if "<<" in first else first
    lexer = shlex.shlex(first, posix=True, punctuation_chars="|&;()<>")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    words: list[str] = []
    for word in [*lexer, ";"]:
        if set(word) <= set("|&;()"):
            words = words[next((at for at, one in enumerate(words) if not re.match(r"\w+=", one)), len(words)) :]
            if words and words[0] != "$":
                yield words
            words = []
        elif not set(word) <= set("<>"):
            words.append(word)


def _programs(command: str) -> Iterator[str]:
    return (words[0] for words in _commands(command))


def _is_ours(word: str) -> bool:
    return re.match(r"(?:deploy|examples|docs|bench|tests)/[\w./-]+$", word) is not None


def _flags(words: Sequence[str]) -> Iterator[str]:
    for word in words:
        if word == "--":
            return
        if re.match(r"--?[a-zA-Z]", word):
            yield word.partition("=")[0]


def _ako(words: Sequence[str]) -> Iterator[str]:
    if len(words) > 1 and words[1] != "…":
        plain = [word for word in words[1:3] if re.fullmatch(r"[a-z-]+", word) and not word.startswith("-")]
        told = next((text for count in (2, 1) if (text := _help(" ".join(plain[:count])))), "")
        if not told and words[1] not in ("--help", "--version"):
            yield f"ako {' '.join(plain)}: there is no such command"
        yield from (f"ako: no flag {flag}" for flag in _flags(words) if told and not re.search(rf"{flag}\b", told))


@cache
def _help(command: str) -> str:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(io.StringIO()):
        try:
            main([*command.split(), "--help"])
        except SystemExit as ended:
            return printed.getvalue() if not ended.code else ""
    return printed.getvalue()


def _make(words: Sequence[str]) -> Iterator[str]:
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    yield from (f"make {word}: no such target" for word in words[1:] if word not in targets and "=" not in word)


def _python(words: Sequence[str]) -> Iterator[str]:
    if words[1] != "-m":
        yield f"{' '.join(words)}: only modules are run"
        return
    module = words[2]
    if not module.startswith(("ako", "bench", "tests")):
        return
    path = ROOT / module.replace(".", "/")
    files = [path.with_suffix(".py")] if path.with_suffix(".py").exists() else sorted(path.glob("*.py"))
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    if not text:
        yield f"{module}: no such module"
    yield from (f"{module}: no flag {flag}" for flag in _flags(words[3:]) if f'"{flag}"' not in text)


def _tool(words: Sequence[str]) -> Iterator[str]:
    verbs = TOOLS[words[0]]
    after = " ".join(
        word for at, word in enumerate(words[1:]) if not word.startswith("-") and words[at] not in ("-n", "--namespace")
    )
    verb = next((verb for verb in sorted(verbs, key=len, reverse=True) if re.match(rf"{verb}\b", after)), None)
    if verb is None:
        yield f"{words[0]} {after}: unknown verb"
        return
    flags = {*verbs[verb].split(), "--help", "-h", "-n"}
    yield from (f"{words[0]} {verb}: unknown flag {flag}" for flag in _flags(words[1:]) if flag not in flags)


_CHECKS: Mapping[str, Callable[[Sequence[str]], Iterator[str]]] = {
    "ako": _ako,
    "make": _make,
    "python": _python,
    "python3": _python,
    "pytest": lambda _: iter(()),
}
