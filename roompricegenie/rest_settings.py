"""Settings of the REST framework and of its documentation pages (Swagger UI)."""

from typing import Any

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["common.renderers_and_parsers.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.renderers_and_parsers.OrjsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "common.renderers_and_parsers.StrictContentNegotiation",
    "EXCEPTION_HANDLER": "common.error_responses.exception_handler",
    "DEFAULT_AUTHENTICATION_CLASSES": ["common.access_rights.Authentication"],
    "DEFAULT_PERMISSION_CLASSES": ["common.access_rights.HasAbility"],
    "UNAUTHENTICATED_USER": None,
}


def swagger_settings(*, is_open: bool, login_url: str) -> dict[str, Any]:
    """Return SWAGGER_SETTINGS; an open system has no authentication, so Swagger UI offers none."""
    key = {
        "type": "apiKey",
        "in": "header",
        "name": "Authorization",
        "description": "Bearer, a space, and the key.",
    }
    return {
        "USE_SESSION_AUTH": not is_open,
        "LOGIN_URL": login_url,
        "LOGOUT_URL": "/logout/",
        "SECURITY_DEFINITIONS": {} if is_open else {"key": key},
        "DEFAULT_INFO": "roompricegenie.urls.API_INFO",
        "DEFAULT_MODEL_RENDERING": "example",
    }
