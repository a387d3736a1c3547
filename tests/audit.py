"""`python -m tests.audit`: known vulnerabilities of what poetry.lock names, by pip-audit.

It needs a network and an index that knows of vulnerabilities. Where there is none it says loudly
what was not checked, and passes; a vulnerability fails.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / ".venv" / "test.txt"  # poetry.lock as the Makefile exported it
PATIENCE_SECONDS = 120


def audit() -> list[dict[str, Any]]:
    """What pip-audit says of each package; empty when it could not say anything."""
    command = [str(Path(sys.executable).parent / "pip-audit"), "--disable-pip", "--require-hashes"]
    command += [
        "-r",
        str(REQUIREMENTS),
        "-f",
        "json",
        "--progress-spinner",
        "off",
        "--timeout",
        "5",
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
        )
        packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError, KeyError):
        return []
    return packages


def main(packages: list[dict[str, Any]]) -> int:
    """Print what was found; 1 when a package is vulnerable."""
    wrong = [package for package in packages if package.get("vulns")]
    checked = [package for package in packages if "vulns" in package]
    for package in wrong:
        for known in package["vulns"]:
            better = ", ".join(known["fix_versions"]) or "none yet"
            print(f"{package['name']} {package['version']}: {known['id']}, fixed in {better}")
    if len(checked) < len(packages) or not packages:
        print(
            f"VULNERABILITIES NOT CHECKED for {len(packages) - len(checked) or 'all'} packages: no "
            "network, or an index that knows of none. Run `make audit` where pypi.org is reachable."
        )
    else:
        print(f"{len(checked)} packages checked for known vulnerabilities, {len(wrong)} have some")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(audit()))
