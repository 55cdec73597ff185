"""The house as it is drawn: every folder stands in the import contracts; what they cannot say is here."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
TOOLS = PROJECT["tool"]
NOT_SHIPPED = {"tests", "benchmarks", "tools"}
SHIPPED = set(TOOLS["importlinter"]["root_packages"])
DOMAIN = {"care", "events", "surveys", "broadcasts", "carers", "disclosure", "reports"}
EDGES = {"telegram", "aiohttp", "apscheduler", "procrastinate"}


def _imports(folder: str) -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((path, alias.name.split(".")[0]) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield path, node.module.split(".")[0]


def _contract(name: str) -> dict[str, Any]:
    contracts: list[dict[str, Any]] = TOOLS["importlinter"]["contracts"]
    return next(contract for contract in contracts if contract["id"] == name)


def test_every_package_of_the_tree_is_held_by_the_import_contracts() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages == SHIPPED | NOT_SHIPPED


def test_every_shipped_package_has_its_layer() -> None:
    layers = [name for layer in _contract("layers")["layers"] for name in layer.split(" | ")]
    assert sorted(layers) == sorted(SHIPPED)


def test_every_shipped_package_is_in_the_wheel_and_under_the_type_checker() -> None:
    assert set(TOOLS["hatch"]["build"]["targets"]["wheel"]["packages"]) == SHIPPED
    assert set(TOOLS["mypy"]["files"]) == SHIPPED | NOT_SHIPPED
    assert set(TOOLS["ruff"]["lint"]["isort"]["known-first-party"]) == SHIPPED | NOT_SHIPPED


def test_the_whole_domain_is_kept_from_telegram_the_web_and_the_scheduler() -> None:
    contract = _contract("domain")
    assert set(contract["source_modules"]) == DOMAIN | {"storage"}
    assert set(contract["forbidden_modules"]) >= EDGES


@pytest.mark.parametrize("folder", sorted(SHIPPED | NOT_SHIPPED))
def test_every_package_says_what_lives_there(folder: str) -> None:
    assert ast.get_docstring(ast.parse((ROOT / folder / "__init__.py").read_text(encoding="utf-8")))


def test_disclosure_needs_nothing_but_the_standard_library() -> None:
    outside = {name for _, name in _imports("disclosure")} - set(sys.stdlib_module_names) - {"disclosure"}
    assert outside == set()


@pytest.mark.parametrize("folder", sorted(SHIPPED))
def test_nothing_that_is_shipped_imports_what_is_not(folder: str) -> None:
    assert [(path.name, name) for path, name in _imports(folder) if name in NOT_SHIPPED] == []


@pytest.mark.parametrize("folder", sorted(SHIPPED))
def test_no_file_is_a_drawer_of_odds_and_ends_or_past_500_lines(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        assert path.stem not in {"utils", "util", "helpers", "common", "misc"}, path
        assert "versions" in path.parts or len(path.read_text(encoding="utf-8").splitlines()) <= 500, path
