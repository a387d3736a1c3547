"""`python -m tests.security`: the trials, on a stack of its own in both modes or on a given one."""

import argparse
import importlib
import pkgutil
import re
import sys
from collections.abc import Callable, Iterable

import tests.security
from tests.security.stack import Finding, Stack, own_stack

Trial = Callable[[Stack], list[Finding]]


def trials(only: Iterable[int] = ()) -> dict[str, Trial]:
    """Return the trials by name, in order of their numbers; all, or those of some numbers."""
    numbers = set(only)
    found = []
    for module in pkgutil.iter_modules(tests.security.__path__):
        match = re.fullmatch(r"trial_(\d+)_(\w+)", module.name)
        if match and (not numbers or int(match[1]) in numbers):
            found.append((int(match[1]), match[2].replace("_", " "), module.name))
    return {
        f"{number} {name}": importlib.import_module(f"tests.security.{module}").run
        for number, name, module in sorted(found)
    }


def try_stack(stack: Stack, only: Iterable[int] = ()) -> list[str]:
    """Run the trials, print what they find, and return what is wrong."""
    problems = []
    for name, run in trials(only).items():
        for finding in run(stack):
            print(f"{'ok   ' if finding.is_ok else 'WRONG'} {stack.mode}, {name}: {finding.text}")
            sys.stdout.flush()
            if not finding.is_ok:
                problems.append(f"{stack.mode}, {name}: {finding.text}")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.security", description=__doc__)
    parser.add_argument("--address", metavar="URL", help="a stack that runs (yours); default: own")
    parser.add_argument("--key", default="", help="an API key of that stack, for all hotels")
    parser.add_argument("--mode", choices=["open", "closed", "both"], default="both")
    parser.add_argument("--only", type=int, nargs="*", default=[], metavar="N", help="numbers")
    options = parser.parse_args()
    if not trials(options.only):
        parser.error(f"there is no trial with these numbers: {options.only}")
    problems = []
    if options.address:
        problems = try_stack(
            Stack(options.address.rstrip("/"), "given", api_key=options.key), options.only
        )
    else:
        modes = ["open", "closed"] if options.mode == "both" else [options.mode]
        for mode in modes:
            with own_stack(mode) as stack:
                problems += try_stack(stack, options.only)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
