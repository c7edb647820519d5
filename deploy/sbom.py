#!/usr/bin/env python3
"""Lists what is in the folder of the image as CycloneDX: name, version, licence and hash of each package.

`cyclonedx-py` reads what is installed; the hashes are those of the wheels, from `wheels.txt`. No serial number and no
time is in it, so that equal folders give equal files.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

_WHEEL = re.compile(r"(\S+)==(\S+) --hash=sha256:(\w{64})")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the list of a folder; 1 if it cannot be made."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="what `image.py install` made")
    parser.add_argument("output", type=Path)
    given = parser.parse_args(arguments)
    try:
        bom = bom_of(given.folder.resolve())
    except (OSError, subprocess.CalledProcessError, LookupError) as error:
        print(f"{Path(__file__).name}: {given.folder}: {error}", file=sys.stderr)
        return 1
    text = json.dumps(bom, indent=2, ensure_ascii=False) + "\n"
    fault = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if fault:
        print(f"{Path(__file__).name}: {given.folder}: no CycloneDX 1.6: {fault}", file=sys.stderr)
        return 1
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(text, encoding="utf-8")
    return 0


def bom_of(folder: Path) -> dict[str, Any]:
    """Give the list of a folder.

    Raises:
        LookupError: a package is in the folder and not among its wheels, or the other way round.
    """
    wheels = {
        _normal(name): (version, digest)
        for name, version, digest in _WHEEL.findall((folder / "wheels.txt").read_text(encoding="utf-8"))
    }
    bom = _installed(folder / "lib")
    for component in bom["components"]:
        version, digest = wheels.pop(_normal(component["name"]), ("", ""))
        if version != component["version"]:
            raise LookupError(f"{component['name']} {component['version']} is installed, from no wheel of that version")
        component["hashes"] = [{"alg": "SHA-256", "content": digest}]
    if wheels:
        raise LookupError(f"not installed: {', '.join(sorted(wheels))}")
    program = next(component for component in bom["components"] if component["name"] == "ako")
    bom["metadata"]["component"] = {
        "type": "container",
        "bom-ref": "image",
        "name": "ako",
        "version": program["version"],
        "description": "What lies on the base image, without the base image",
        "licenses": program["licenses"],
    }
    bom["dependencies"].append({"ref": "image", "dependsOn": [program["bom-ref"]]})
    return bom


def _installed(library: Path) -> dict[str, Any]:
    """Let cyclonedx-py list the packages of a folder: it asks an interpreter where its packages are."""
    with tempfile.TemporaryDirectory() as place:
        answer = Path(place, "python")
        answer.write_text(f"#!{sys.executable}\nprint({json.dumps(json.dumps([str(library)]))})\n", encoding="utf-8")
        answer.chmod(0o755)
        output = Path(place, "bom.json")
        words = ["environment", "--output-reproducible", "--spec-version", "1.6", "--output-file", output, answer]
        subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-m", "cyclonedx_py", *words], check=True, env={"PATH": os.environ.get("PATH", "")}
        )
        bom: dict[str, Any] = json.loads(output.read_text(encoding="utf-8"))
    return bom


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
