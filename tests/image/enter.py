"""Becomes the one process of a sandbox: `python enter.py ROOT UID FOLDER… -- COMMAND…`.

It has to be started by root, with namespaces of its own for mounts and processes; see `sandbox`.
"""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

GROUP = 0

_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
_PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 24, 38
_SYSTEM = ("/lib", "/lib64", "/usr/lib", "/usr/lib64")


def _enter(root: Path, uid: int, folders: list[Path], command: list[str]) -> None:
    libc = ctypes.CDLL(None, use_errno=True)

    def call(name: str, *arguments: object) -> None:
        if getattr(libc, name)(*arguments) != 0:
            number = ctypes.get_errno()
            raise OSError(number, f"{name}: {os.strerror(number)}")

    def mount(source: str, target: Path | str, kind: str, flags: int) -> None:
        call("mount", source.encode(), str(target).encode(), kind.encode(), flags, None)

    mount("none", "/", "", _MS_REC | _MS_PRIVATE)
    mount("tmpfs", root, "tmpfs", _MS_NOSUID)
    for place in [*_SYSTEM, *map(str, folders), "/dev/null", "/dev/urandom"]:
        source, target = Path(place), Path(f"{root}{place}")
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink():
            target.symlink_to(source.readlink())
        elif source.exists():
            target.touch() if source.is_char_device() else target.mkdir()
            mount(place, target, "", _MS_BIND)
            mount(place, target, "", _MS_BIND | _MS_REMOUNT | _MS_RDONLY | _MS_NOSUID)
    (root / "proc").mkdir()
    mount("proc", root / "proc", "proc", _MS_RDONLY | _MS_NOSUID | _MS_NODEV)
    mount("none", root, "", _MS_BIND | _MS_REMOUNT | _MS_RDONLY | _MS_NOSUID)
    os.chroot(root)
    os.chdir("/")
    for number in range(int(Path("/proc/sys/kernel/cap_last_cap").read_text(encoding="ascii")) + 1):
        call("prctl", _PR_CAPBSET_DROP, number, 0, 0, 0)
    os.setgroups([])
    os.setgid(GROUP)
    os.setuid(uid)
    call("prctl", _PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    os.execv(command[0], command)


if __name__ == "__main__":
    first, number, *rest = sys.argv[1:]
    end = rest.index("--")
    _enter(Path(first), int(number), [Path(folder) for folder in rest[:end]], rest[end + 1 :])
