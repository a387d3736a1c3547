"""The settings with a language that is written from right to left; its texts are not translated."""

from roompricegenie.settings import *  # noqa: F403
from roompricegenie.settings import LANGUAGES as OFFERED

LANGUAGES = [*OFFERED, ("ar", "العربية")]
