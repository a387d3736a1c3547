"""What people do with a connection: prepare it, start, stop, resume, check now, disconnect.

Promises: each act leaves a line that says who did it; secrets are stored encrypted only, are never
given back, and are deleted when the hotel is disconnected. What the ledger has stays: a
disconnected hotel keeps its figures.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from common.number_and_date_texts import ENGLISH
from connections.adapters.adapter import (
    Access,
    Adapter,
    Choice,
    CredentialsRefused,
    Named,
    Raw,
)
from connections.adapters.known_vendors import (
    ADAPTERS,
    addresses_of,
    open_adapter,
    with_fresh_secrets,
)
from connections.models import (
    ACTIVE_STATES,
    MAX_NAME_LENGTH,
    Connection,
    ConnectionAct,
    ConnectionState,
    webhook_hash,
)
from connections.reading.due_connections import nudge
from connections.secret_encryption import decrypt, encrypt

if TYPE_CHECKING:
    from connections.adapters.adapter import Words

WEBHOOK_TOKEN: Final = "webhook_token"  # noqa: S105  # a name
MAX_SECRET_LENGTH: Final = 5_000
MAX_IMPORT_YEARS: Final = 10
Result = TypeVar("Result")


@dataclass(frozen=True)
class Options:
    """What a hotel chooses of its connection, at the start and later."""

    tentative_counts: bool
    house_use_counts: bool
    sends_prices: bool
    hand_changes: str


class SetupRefused(ValueError):
    """The act is not possible; the text says why, for people."""


def connection_of(hotel_id: int) -> Connection | None:
    """Return a hotel's present connection."""
    present = Connection.objects.exclude(state=ConnectionState.DISCONNECTED)
    return present.filter(hotel_id=hotel_id).first()


def prepare(
    *, hotel_id: int, vendor: str, address: str, given: Mapping[str, str], who: str
) -> tuple[Connection, Sequence[Named]]:
    """Sign in to a booking system and store the way in. Return it and the properties found.

    Raises: SetupRefused; VendorFailure: nothing is stored.
    """
    kind = ADAPTERS.get(vendor)
    if kind is None or address not in addresses_of(kind):
        raise SetupRefused(_("this booking system or address is not known"))
    found, offered = _sign_in(kind, address, _complete(kind, given), hotel_id)
    if not offered:
        raise SetupRefused(_("this access is for no property"))
    token = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            connection = Connection.objects.create(
                hotel_id=hotel_id, vendor=vendor, address=address, made_by=who,
                secrets=encrypt({**found, WEBHOOK_TOKEN: token}), webhook_hash=webhook_hash(token),
            )  # fmt: skip
            note(connection, who, "signed in", kind.title)
    except IntegrityError as error:
        raise SetupRefused(_("this hotel has a booking system: disconnect it first")) from error
    return connection, offered


def sign_in_again(connection: Connection, given: Mapping[str, str], who: str) -> None:
    """Replace the secrets of a connection. Raises: SetupRefused, VendorFailure."""
    kind = type(open_adapter(connection))
    given_now = _complete(kind, given)
    found, offered = _sign_in(kind, connection.address, given_now, connection.hotel_id)
    if connection.property_id and connection.property_id not in {one.id for one in offered}:
        raise SetupRefused(_("this access is for another property"))
    kept = {WEBHOOK_TOKEN: decrypt(connection.secrets).get(WEBHOOK_TOKEN, "")}
    _change(connection, secrets=encrypt({**found, **kept}))
    note(connection, who, "signed in again")
    check_now(connection, who)


def _sign_in(
    kind: type[Adapter], address: str, found: dict[str, str], hotel_id: int
) -> tuple[Mapping[str, str], Sequence[Named]]:
    """Return the secrets, with those that the vendor gives for them, and the properties.

    Raises: VendorFailure.
    """
    adapter = kind(Access(address, found, hotel_id=hotel_id))
    try:
        return found, adapter.properties()
    except CredentialsRefused:
        fresh = adapter.renew_secrets()
        if fresh is None:
            raise
    return fresh, kind(Access(address, fresh, hotel_id=hotel_id)).properties()


def _ask(connection: Connection, act: Callable[[Adapter], Result]) -> Result:
    """Raises: VendorFailure, SecretsUnreadable."""
    return with_fresh_secrets(connection, act, partial(_change, connection))


def _complete(kind: type[Adapter], given: Mapping[str, str]) -> dict[str, str]:
    """Return what a person entered. Raises: SetupRefused."""
    found = {}
    for one in kind.needed:
        value = given.get(one.name, "").strip()
        if not value and one.is_required:
            raise SetupRefused(_("%(field)s is missing") % {"field": one.label})
        line = value.replace("\r\n", "").replace("\n", "") if one.is_long else value
        if len(value) > MAX_SECRET_LENGTH or not line.isprintable():
            raise SetupRefused(
                _("%(field)s is too long, or has characters that cannot be sent")
                % {"field": one.label}
            )
        if value:
            found[one.name] = value
    return found


def kind_of(connection: Connection) -> type[Adapter]:
    """Return what a connection's vendor can do."""
    return ADAPTERS.get(connection.vendor, Adapter)


def properties(connection: Connection) -> Sequence[Named]:
    """Return the properties to choose from. Raises: VendorFailure, SecretsUnreadable."""
    return _ask(connection, lambda adapter: adapter.properties())


def choose_property(connection: Connection, property_id: str, who: str) -> None:
    """Choose one of the properties. Raises: SetupRefused, VendorFailure."""
    names = {one.id: str(one.name) for one in properties(connection)}
    if property_id not in names:
        raise SetupRefused(_("this property is not one of the access"))
    name = names[property_id][:MAX_NAME_LENGTH]
    _change(connection, property_id=property_id, property_name=name, choices={})
    note(connection, who, "chose the property", name)


def questions(connection: Connection) -> Sequence[Choice]:
    """Return what is still to be chosen of the property. Raises: VendorFailure."""

    def ask(adapter: Adapter) -> Sequence[Choice]:
        adapter.open_property()
        return adapter.questions()

    return _ask(connection, ask)


def reservation_there(connection: Connection, number: str) -> tuple[Adapter, Raw | None]:
    """Return a reservation as the system has it now, and the adapter that understands it.

    Raises: VendorFailure, SecretsUnreadable.
    """

    def ask(adapter: Adapter) -> tuple[Adapter, Raw | None]:
        adapter.open_property()
        return adapter, adapter.read_reservation(number)

    return _ask(connection, ask)


def answer(connection: Connection, answers: Mapping[str, str], who: str) -> None:
    """Store answers to questions; once it is started, to those that need no answer only.

    Raises: SetupRefused, VendorFailure.
    """
    choices, is_started = dict(connection.choices), connection.state != ConnectionState.PREPARING
    asked = questions(connection)
    for choice in asked:
        if is_started and choice.is_required:
            continue  # the history and the prices there belong to the answer
        value = answers.get(choice.name, "")
        if value and value not in {option.id for option in choice.options}:
            raise SetupRefused(
                _("%(question)s: this is none of the answers") % {"question": choice.label}
            )
        if value:
            choices[choice.name] = value
        elif not choice.is_required:
            choices.pop(choice.name, None)
    is_other = choices != connection.choices
    anew = {"is_read_anew": True} if is_started and is_other else {}
    _change(connection, choices=choices, **anew)
    note(
        connection,
        who,
        "chose",
        ", ".join(sorted(one.name for one in asked if one.name in answers)),
    )


def start(connection: Connection, *, years: int, options: Options, who: str) -> None:
    """Begin the first import. Raises: SetupRefused, VendorFailure."""
    if not 0 <= years <= MAX_IMPORT_YEARS:
        raise SetupRefused(
            _("the history has from 0 to %(most)d years") % {"most": MAX_IMPORT_YEARS}
        )
    missing = [
        str(one.label)
        for one in questions(connection)
        if one.is_required and one.name not in connection.choices
    ]
    if missing:
        raise SetupRefused(_("first choose: %(questions)s") % {"questions": ", ".join(missing)})
    if not kind_of(connection).takes_prices:
        options = replace(options, sends_prices=False)
    now = _ask(connection, lambda adapter: adapter.open_property().now)
    _change(
        connection,
        state=ConnectionState.IMPORTING,
        import_from=now - timedelta(days=365 * years + 1),
        **vars(options),
        next_read_at=timezone.now(),
    )
    note(connection, who, "started", f"{years} years of history")


def change_options(connection: Connection, options: Options, who: str) -> None:
    """Change what counts and what becomes of prices; where it counts, all is read again."""
    names = [name for name, value in vars(options).items() if getattr(connection, name) != value]
    if not names or not kind_of(connection).takes_prices:  # files say themselves what counts
        return
    fields: dict[str, Any] = vars(options) | {"prices_at": None}  # prices are compared at once
    if {"tentative_counts", "house_use_counts"} & set(names):
        fields["is_read_anew"] = True
    _change(connection, **fields)
    note(connection, who, "changed", ", ".join(name.replace("_", " ") for name in names))
    nudge(Q(pk=connection.pk))


def stop(connection: Connection, who: str) -> None:
    """Read no more until it is resumed. A reading that is under way stores nothing more."""
    stopped = Connection.objects.filter(pk=connection.pk, state__in=ACTIVE_STATES)
    if not stopped.update(state=ConnectionState.STOPPED, lease=None, lease_until=None):
        raise SetupRefused(_("it is not running"))
    note(connection, who, "stopped")


def resume(connection: Connection, who: str) -> None:
    """Go on where it was stopped. Raises: SetupRefused."""
    stopped = Connection.objects.filter(pk=connection.pk, state=ConnectionState.STOPPED)
    state = ConnectionState.READING if connection.read_at else ConnectionState.IMPORTING
    if not stopped.update(state=state, next_read_at=timezone.now(), failure="", failures=0):
        raise SetupRefused(_("it is not stopped"))
    note(connection, who, "resumed")


def check_now(connection: Connection, who: str) -> None:
    """Read within seconds; a person is not made to wait for what a vendor asked us to wait."""
    nudge(Q(pk=connection.pk))
    Connection.objects.filter(pk=connection.pk, state__in=ACTIVE_STATES).update(
        next_read_at=timezone.now()
    )
    note(connection, who, "asked to check now")


def disconnect(connection: Connection, who: str) -> None:
    """Delete the secrets and read no more. The hotel keeps its figures."""
    _change(
        connection, state=ConnectionState.DISCONNECTED, secrets="", webhook_hash="",
        lease=None, lease_until=None, page="",
    )  # fmt: skip
    note(connection, who, "disconnected")


def webhook_token(connection: Connection) -> str:
    """Return the token of the address to which the vendor posts. Raises: SecretsUnreadable."""
    return decrypt(connection.secrets).get(WEBHOOK_TOKEN, "")


def note(connection: Connection, who: str, act: str, details: "Words" = "") -> None:
    """Leave the line of an act, in English: it is shown in each reader's language."""
    with override(ENGLISH):
        ConnectionAct.objects.create(
            connection=connection, who=who[:200], act=act, details=str(details)[:300]
        )


def _change(connection: Connection, **fields: Any) -> None:
    Connection.objects.filter(pk=connection.pk).update(**fields)
    for name, value in fields.items():
        setattr(connection, name, value)
