"""Ask the package index which locked packages install on a 64-bit Raspberry Pi; write docs/wheels.md.

Run by `make wheels`. Exit 1 if a package that the gateway needs at run time has neither a pure wheel
nor one for aarch64.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "wheels.md"
PYTHONS = ("3.11", "3.13")
GLIBCS = (17, 28, 31, 34, 36)
"""Raspberry Pi OS of Debian 12 has glibc 2.36; a wheel for an older one installs too."""

_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
_HEAD = """\
# Wheels for 64-bit Raspberry Pi OS

Every package of `requirements.lock`: which wheel installs on aarch64, for the Python of Debian 12 (3.11)
and of Debian 13 (3.13). Written by `make wheels`, which asks the package index; `make test` holds it
against the lock file. Packages of the extras `demo` and `reports`
are not needed to run a gateway.

| package | version | needed for | Python 3.11 | Python 3.13 |
| --- | --- | --- | --- | --- |
"""


def pins(lock: str) -> dict[str, str]:
    """Version by package name of a lock file's text."""
    return dict(_PIN.findall(lock))


def vias(lock: str) -> dict[str, list[str]]:
    """Who asks for each package of a lock file's text; pyproject.toml counts as one."""
    found: dict[str, list[str]] = {}
    for part in re.split(r"^(?=[A-Za-z0-9._-]+==)", lock, flags=re.MULTILINE):
        if pin := _PIN.match(part):
            via = part.partition("# via")[2]
            found[pin[1]] = re.findall(r"([A-Za-z0-9][A-Za-z0-9._-]*)(?: \(pyproject\.toml\))?(?:\n|$)", via)
    return found


def needed_for(name: str, asked: dict[str, list[str]], optional: dict[str, str]) -> str:
    """`run time`, or the extra without which nobody asks for the package."""
    if name in optional:
        return optional[name]
    by = [one for one in asked.get(name, []) if one in asked]
    uses = {needed_for(one, asked, optional) for one in by} or {"run time"}
    return "run time" if "run time" in uses or len(by) < len(asked[name]) else min(uses)


def extras() -> dict[str, str]:
    """The extra of each package that pyproject.toml names for an extra only."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return {
        re.split(r"[^A-Za-z0-9._-]", wanted)[0]: extra
        for extra, needs in project.get("optional-dependencies", {}).items()
        for wanted in needs
    }


def wheel_of(name: str, version: str, python: str) -> str:
    """`pure`, the platform of the aarch64 wheel, or `none`."""
    with tempfile.TemporaryDirectory() as folder:
        platforms = [f"--platform=manylinux_2_{glibc}_aarch64" for glibc in GLIBCS]
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        what = ["--no-deps", "--only-binary=:all:", f"--python-version={python}", f"{name}=={version}"]
        subprocess.run(
            [*pip, "download", *what, *platforms, "--platform=manylinux2014_aarch64", f"--dest={folder}"],
            check=False,
            stderr=subprocess.DEVNULL,
        )
        found = next(Path(folder).glob("*.whl"), None)
    if found is None:
        return "none"
    platform = found.stem.split("-")[-1]
    return "pure" if platform == "any" else platform.split(".")[0]


def main() -> int:
    """Write the table and say what is missing."""
    optional, lock = extras(), (ROOT / "requirements.lock").read_text("utf-8")
    asked = vias(lock)
    missing: list[str] = []
    rows = _HEAD
    for name, version in pins(lock).items():
        use = needed_for(name, asked, optional)
        wheels = [wheel_of(name, version, python) for python in PYTHONS]
        rows += f"| {name} | {version} | {use} | {' | '.join(wheels)} |\n"
        if "none" in wheels:
            print(f"{name} {version} ({use}) has no wheel for each Python: {wheels}")
            missing += [name] if use == "run time" else []
    TABLE.write_text(rows, "utf-8")
    print(f"{TABLE.relative_to(ROOT)}: {len(missing)} packages needed at run time without a wheel")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
