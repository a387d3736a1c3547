"""The API key with which the services authenticate to each other.

The key is SERVICE_API_KEY, or the content of SERVICE_API_KEY_FILE, which `manage.py create_api_key
--service` writes. An open system needs none. The file is read for each request, so that a new key
needs no restart.
"""

import logging
from pathlib import Path

from django.conf import settings
from requests import PreparedRequest

logger = logging.getLogger(__name__)


def service_headers() -> dict[str, str]:
    """Return the `Authorization` header of a request to the other service; empty without a key."""
    key = settings.SERVICE_API_KEY or _read_key(Path(settings.SERVICE_API_KEY_FILE))
    return {"Authorization": f"Bearer {key}"} if key else {}


def authenticate_request(request: PreparedRequest) -> PreparedRequest:
    """Add the key to a request; for `auth=` of the requests library.

    Without `auth=` the library may take a name and password from a .netrc file.
    """
    request.headers.update(service_headers())
    return request


def _read_key(file: Path) -> str:
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        logger.error("the services' API key cannot be read: %s", error)
        return ""
