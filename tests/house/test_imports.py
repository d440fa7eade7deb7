"""Who imports whom, and which library has which home."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.house.tree import PACKAGES, ROOT, module_name, sources, tree

HOMES = {
    "aiomqtt": ("cloud_sync.mqtt",),
    "authlib": ("edge.console.centre.openid",),
    "asyncssh": ("cloud_sync.reports",),
    "apsw": ("edge.runtime.store",),
    "argon2": ("edge.console.access",),
    "cryptography": ("edge.console.access", "provisioning"),
    "fastapi": ("edge.console", "provisioning"),
    "fpdf": ("cloud_sync.reports",),
    "grafana_client": ("provisioning.grafana",),
    # The command line asks the running daemon.
    "httpx": (
        "cloud_sync.influx",
        "drivers.access_points",
        "edge.cli",
        "edge.console.centre",
        "provisioning",
    ),
    "influxdb_client": ("provisioning.influx",),
    "iotcore": ("edge.cli",),
    "joserfc": ("edge.console.centre.openid",),
    "paho": ("cloud_sync.mqtt",),
    "pyarrow": ("cloud_sync.reports",),
    # Each is a door where foreign text comes in.
    "pydantic": ("edge.config", "drivers", "edge.console", "provisioning"),
    "pydantic_core": ("edge.config",),
    "pymodbus": ("drivers.modbus",),
    "pymupdf_fonts": ("cloud_sync.reports",),
    "pysnmp": ("drivers.access_points",),
    "segno": ("provisioning",),
    "serial": ("drivers",),
    "starlette": ("edge.console",),
    "tomlkit": ("edge.config", "provisioning"),
    "uvicorn": ("edge.console", "provisioning"),
}
DISTRIBUTIONS = {
    "argon2": "argon2-cffi",
    "fpdf": "fpdf2",
    "grafana_client": "grafana-client",
    "influxdb_client": "influxdb-client",
    "paho": "paho-mqtt",
    "pydantic_core": "pydantic",
    "pymupdf_fonts": "pymupdf-fonts",
    "serial": "pyserial",
    "starlette": "fastapi",
}
"""The package of pyproject.toml that brings a module, where the names differ."""


def test_the_import_rules_of_pyproject_hold():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_each_library_is_imported_in_each_of_its_homes_and_nowhere_else():
    found = {
        (
            library,
            next((home for home in HOMES.get(library, ()) if f"{module}.".startswith(f"{home}.")), module),
        )
        for module, library in third_party()
    }
    assert found == {(library, home) for library, homes in HOMES.items() for home in homes}


def test_each_library_that_is_imported_is_declared_and_each_declared_one_is_imported_or_data():
    imported = {DISTRIBUTIONS.get(library, library) for _, library in third_party()}
    assert imported <= declared()
    # Of two only data is used: time zones, and the files of Leaflet and ECharts.
    assert declared() - imported <= {"tzdata", "nicegui"}


def third_party() -> set[tuple[str, str]]:
    """(module, library) of every import that is neither ours nor the standard library's."""
    return {
        (module_name(path), top)
        for path in sources(*PACKAGES)
        for node in ast.walk(tree(path))
        for name in names_of(node)
        if (top := name.split(".")[0]) not in sys.stdlib_module_names and top not in PACKAGES
    }


def names_of(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name for name in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    return []


def declared() -> set[str]:
    """The names of what pyproject.toml asks for at run time and in its extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [project["dependencies"], *project["optional-dependencies"].values()]
    return {re.split(r"[^A-Za-z0-9._-]", name)[0] for names in wanted for name in names}
