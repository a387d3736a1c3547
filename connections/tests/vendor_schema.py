"""A vendor's own schema, against which an emulator holds what it gets and what it answers."""

import json
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator, validator_for

FOLDER = Path(__file__).parent / "vendor_schemas"
CHECKED_ROWS = 2  # of a list of data: all of them would take most of a test's time


class VendorSchema:
    """Operations of a vendor's API by name. What the schema does not name is refused."""

    def __init__(self, name: str) -> None:
        self.operations = json.loads((FOLDER / name).read_text())["operations"]
        self._validators: dict[tuple[str, str], Any] = {}

    def problem_of_query(self, operation: str, query: dict[str, str]) -> str:
        """Return what is wrong with the parameters of a call; empty if nothing is."""
        known = self.operations[operation]["query"]
        if unknown := query.keys() - known.keys():
            return f"unknown parameters {sorted(unknown)}"
        missing = {name for name, schema in known.items() if schema.get("required")} - query.keys()
        if missing:
            return f"parameters {sorted(missing)} are missing"
        for name, value in query.items():
            is_right = {
                "integer": value.isdecimal(),
                "boolean": value in ("true", "false"),
            }.get(known[name]["type"], True)
            if not is_right or value not in known[name].get("enum", [value]):
                return f"{name} is not of its kind"
        return ""

    def problem(self, operation: str, part: str, value: Any) -> str:
        """Return what is wrong with a `body` or an `answer`; empty if nothing is."""
        key = (operation, part)
        if key not in self._validators:
            schema = _closed(self.operations[operation][part])
            self._validators[key] = validator_for(schema)
        validator: Draft202012Validator = self._validators[key]
        if part == "answer" and isinstance(value.get("data"), list):
            value = value | {"data": value["data"][:CHECKED_ROWS]}
        errors = [
            f"{error.instance_path}: {error.message}" for error in validator.iter_errors(value)
        ]
        return "; ".join(errors)


def _closed(schema: Any) -> Any:
    """Return a schema that allows no properties but those that it names."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {
        name: {key: _closed(one) for key, one in value.items()}
        if name == "properties"
        else _closed(value)
        for name, value in schema.items()
    }
    if "properties" in closed:
        closed.setdefault("additionalProperties", False)
    return closed
