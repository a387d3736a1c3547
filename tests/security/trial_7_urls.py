"""7: every URL, in several spellings: what is not public answers 200 to nobody, and in an open
system the admin still asks for a login. Users without rights see an empty admin at most.
"""

import os
import secrets
from collections.abc import Iterable

import django
import requests

from tests.security.stack import Finding, Stack

TIMEOUT_SECONDS = 30
SPELLINGS = ("{}", "{}/", "/{}", "/{}/", "{}//", "{}/.", "{}%2f", "{}/?next=/admin/")
FORGED = {"sessionid": "y" * 32, "csrftoken": "x" * 32}


def run(stack: Stack) -> list[Finding]:
    """Ask as nobody, with a forged session, with a key, and as users without rights."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roompricegenie.settings")
    django.setup()
    from tests.resolver_paths import EMPTY_ADMIN, PUBLIC, TRANSLATIONS, resolver_paths

    paths = sorted(set(resolver_paths()))
    admin = [path for path in paths if path.startswith("/admin")]
    public = {*PUBLIC, TRANSLATIONS}
    nobody = _anonymous()
    forged = _anonymous()
    forged.cookies.update(FORGED)
    is_open = nobody.get(f"{stack.base}/events/", timeout=TIMEOUT_SECONDS).status_code == 200
    closed = admin if is_open else paths
    findings = [
        _ask(stack, "nobody", nobody, closed, public),
        _ask(stack, "a forged session", forged, closed, public),
        _ask(stack, "a key", stack.client(), admin, public),
    ]
    if stack.data_dir is not None:
        user = _logged_in(stack, is_staff=False)
        staff = _logged_in(stack, is_staff=True)
        findings += [
            _ask(stack, "a user who is not staff", user, admin, public),
            _ask(stack, "staff without permissions", staff, admin, {*public, *EMPTY_ADMIN}),
        ]
    return findings


def _anonymous() -> requests.Session:
    client = requests.Session()
    client.trust_env = False
    return client


def _ask(
    stack: Stack, who: str, client: requests.Session, paths: Iterable[str], allowed: set[str]
) -> Finding:
    answered, failed, number = [], [], 0
    for path in paths:
        for spelling in SPELLINGS:
            url = stack.base + spelling.format(path)
            status = client.get(url, allow_redirects=False, timeout=TIMEOUT_SECONDS).status_code
            number += 1
            if status == 200 and path not in allowed:
                answered.append(spelling.format(path))
            elif status >= 500:
                failed.append(f"{spelling.format(path)}: {status}")
    text = f"{number} URLs asked by {who}; beside what they may see, 200: {answered or 'none'}"
    return Finding(not answered and not failed, f"{text}; failed: {failed or 'none'}")


def _logged_in(stack: Stack, *, is_staff: bool) -> requests.Session:
    name, password = f"trial-{secrets.token_hex(4)}", secrets.token_hex(12)
    stack.manage(
        "shell", "-c", "from django.contrib.auth import get_user_model as model;"
        f"model().objects.create_user({name!r}, password={password!r}, is_staff={is_staff})",
    )  # fmt: skip
    client = _anonymous()
    client.get(f"{stack.base}/login/", timeout=TIMEOUT_SECONDS)
    fields = {
        "username": name, "password": password,
        "csrfmiddlewaretoken": client.cookies["csrftoken"],
    }  # fmt: skip
    answer = client.post(
        f"{stack.base}/login/", data=fields, allow_redirects=False, timeout=TIMEOUT_SECONDS
    )
    if answer.status_code != 302:
        raise RuntimeError(f"the login answered {answer.status_code}: {answer.text[:500]}")
    return client
