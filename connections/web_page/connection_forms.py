"""The forms of `/connections/`: what each act needs, and what it does.

Wrong input and what the booking system refuses become one sentence; nothing is changed by them.
"""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from common.stored_reasons import in_words
from connections import connection_setup
from connections.adapters.adapter import SHAPE_ERRORS, NotConfirmed, VendorFailure
from connections.connection_setup import Options, SetupRefused
from connections.models import Connection, HandChanges
from connections.secret_encryption import SecretsUnreadable

Fields = Mapping[str, str]
ACTS_OF_A_CONNECTION: dict[str, Callable[[Connection, str], None]] = {
    "stop": connection_setup.stop,
    "resume": connection_setup.resume,
    "check": connection_setup.check_now,
    "disconnect": connection_setup.disconnect,
}


def perform(
    hotel_id: int, act: str, fields: Fields, who: str, to_confirm: dict[str, str] | None = None
) -> str:
    """Do what a form asks for. Return why it was not done; empty where it was.

    Args:
        to_confirm: gets what a person has to confirm before secrets are sent, by the field's name.
    """
    try:
        _perform(hotel_id, act, fields, who)
    except NotConfirmed as shown:
        if to_confirm is not None:
            to_confirm[shown.field] = shown.value
        return _("Not signed in: %(reason)s.") % {"reason": in_words(str(shown))}
    except SetupRefused as refused:
        return f"{refused}."
    except SecretsUnreadable as error:
        return f"{in_words(str(error))}."
    except VendorFailure as failure:
        reason = in_words(str(failure))
        return _("The booking system did not let us in: %(reason)s.") % {"reason": reason}
    except SHAPE_ERRORS:
        return _("The booking system answered something that is not as documented.")
    return ""


def _perform(hotel_id: int, act: str, fields: Fields, who: str) -> None:
    """Raises: SetupRefused, VendorFailure, SecretsUnreadable."""
    if act == "sign-in":
        connection, found = connection_setup.prepare(
            hotel_id=hotel_id, vendor=fields.get("vendor", ""), address=fields.get("address", ""),
            given=fields, who=who,
        )  # fmt: skip
        if len(found) == 1:
            connection_setup.choose_property(connection, found[0].id, who)
        return
    present = connection_setup.connection_of(hotel_id)
    if present is None:
        raise SetupRefused(_("this hotel has no booking system yet"))
    if act in ACTS_OF_A_CONNECTION:
        ACTS_OF_A_CONNECTION[act](present, who)
    elif act == "sign-in-again":
        connection_setup.sign_in_again(present, fields, who)
    elif act == "property":
        connection_setup.choose_property(present, fields.get("property_id", ""), who)
    elif act == "answer":
        connection_setup.answer(present, fields, who)
    elif act == "start":
        years = fields.get("years", "")
        connection_setup.start(
            present, years=int(years) if years.isascii() and years.isdigit() else -1,
            options=_options(fields), who=who,
        )  # fmt: skip
    elif act == "options":
        connection_setup.change_options(present, _options(fields), who)
    else:
        raise SetupRefused(_("this act is not known"))


def _options(fields: Fields) -> Options:
    """Raises: SetupRefused."""
    hand_changes = fields.get("hand_changes", HandChanges.PUT_BACK)
    if hand_changes not in HandChanges.values:
        raise SetupRefused(_("choose what becomes of prices that are changed there"))
    return Options(
        tentative_counts="tentative_counts" in fields,
        house_use_counts="house_use_counts" in fields,
        sends_prices="sends_prices" in fields,
        hand_changes=hand_changes,
    )
