"""docs/settings.md lists exactly the environment variables that code, compose file and Makefile read.

Read by code: `env.string("NAME")` and the like, `os.environ.get("NAME")`, `os.environ["NAME"]`,
`"NAME" in os.environ`, and the variables that may come from files. Tests and benchmarks are not
code that an operator runs.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from roompricegenie.settings import VARIABLES_FROM_FILES

ROOT = Path(__file__).resolve().parents[3]
CODE_FOLDERS = (
    "accounts", "common", "dashboard_service", "data_provider", "pricing_service",
    "roompricegenie", "simulator",
)  # fmt: skip
VARIABLE = re.compile(r"[A-Z][A-Z0-9_]*")
# Read by code, but not for the operator to set.
INTERNAL = {
    "DJANGO_SETTINGS_MODULE",  # set by manage.py, wsgi.py and celery.py
    "CELERY_SKIP_CHECKS",  # set by celery.py
    "PROMETHEUS_MULTIPROC_DIR",  # set by gunicorn.conf.py
    "PYTEST_VERSION",  # set by pytest
}


def read_by_code() -> set[str]:
    files = [ROOT / "gunicorn.conf.py", ROOT / "manage.py"]
    for folder in CODE_FOLDERS:
        files += [file for file in (ROOT / folder).rglob("*.py") if "tests" not in file.parts]
    names = {name for file in files for name in variables_in(ast.parse(file.read_text()))}
    return (names | {f"{name}_FILE" for name in VARIABLES_FROM_FILES}) - INTERNAL


def variables_in(tree: ast.AST) -> Iterator[str]:
    """Yield the constants that are used as names of environment variables."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(value=source), args=[ast.Constant(value=str(name)), *_]
            ) if is_environment(source):
                yield name
            case ast.Call(func=ast.Name(id="database"), args=[ast.Constant(value=str(name)), *_]):
                yield name
            case ast.Subscript(value=source, slice=ast.Constant(value=str(name))) if is_environment(
                source
            ):
                yield name
            case ast.Compare(left=ast.Constant(value=str(name)), comparators=[source]) if (
                is_environment(source)
            ):
                yield name


def is_environment(node: ast.expr) -> bool:
    return ast.unparse(node) in ("env", "os.environ")


def read_by_compose() -> set[str]:
    """The variables that are substituted, and those that are passed on when they are set."""
    text = (ROOT / "docker-compose.yml").read_text()
    names = set(re.findall(r"\$\{(\w+)", text))
    for service in yaml.safe_load(text)["services"].values():
        for variables in (service.get("environment", {}), service.get("build", {}).get("args", {})):
            names |= {name for name, value in variables.items() if value is None}
    return names


def read_by_makefile() -> set[str]:
    """The variables with a default (`NAME ?=`), and those that `$(if $(NAME),…)` reads."""
    text = (ROOT / "Makefile").read_text()
    return {*re.findall(r"^(\w+) \?=", text, re.MULTILINE)} | {
        *re.findall(r"\$\(if \$\((\w+)\)", text)
    }


def documented(before: str = "") -> set[str]:
    """The names in the first column of the page's tables, up to a text."""
    text = (ROOT / "docs/settings.md").read_text()
    part = text.partition(before)[0] if before else text
    first_cells = re.findall(r"^\| ([^|]*) \|", part, re.MULTILINE)
    return {
        name
        for cell in first_cells
        for name in re.findall(r"`(\w+)`", cell)
        if VARIABLE.fullmatch(name)
    }


def test_every_variable_that_is_read_is_documented() -> None:
    assert (read_by_code() | read_by_compose() | read_by_makefile()) - documented() == set()


def test_every_documented_variable_is_read() -> None:
    assert documented() - (read_by_code() | read_by_compose() | read_by_makefile()) == set()


def test_each_way_to_read_a_variable_is_recognized() -> None:
    code = """
env.integer("A", default=1)
os.environ.get("B")
os.environ["C"]
"D" in os.environ
os.environ.setdefault("E", "1")
database("F", "name", synchronous="FULL")
other.get("NO")
"""
    assert {*variables_in(ast.parse(code))} == {"A", "B", "C", "D", "E", "F"}
