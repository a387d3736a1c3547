"""What a booking system has to tell: the interface of an adapter, one file for each vendor.

An adapter speaks one vendor's API and nothing else. It keeps no state, stores nothing, logs nothing
and knows no schedule: cursor, leases, waiting, secrets and errors in words stand once, in
`connections.reading`. Its answers hold nothing about guests: `reservation` takes from the vendor's
answer only what `POST /reservations/` has a field for.

The ways in which a vendor can fail are the exceptions here; `VendorHttp` raises them for HTTP.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    Words = str | StrPromise  # for people, perhaps translated where they are shown

# What reading an answer raises that has another shape than documented.
SHAPE_ERRORS: Final = (KeyError, IndexError, TypeError, ValueError, AttributeError, ArithmeticError)
Raw = Mapping[str, Any]  # a reservation as the vendor has it, in memory only
# A reservation as `POST /reservations/` takes it, without its hotel. Its status may also be
# `tentative`, and `house_use` may say that the owner or the house itself has the room; whether
# these count, `connections.reading.counting` decides by the hotel's choice.
Body = dict[str, Any]


class VendorFailure(Exception):
    """The vendor gave no usable answer. The text is for people, and quotes no answer."""


class CredentialsRefused(VendorFailure):
    """A person must sign in again, unless `Adapter.renew_secrets` helps."""


class NotReachable(VendorFailure):
    """Trying later may help."""


class TooOften(VendorFailure):
    """The vendor wants us to wait `seconds`; None where it does not say how long."""

    def __init__(self, text: str, seconds: float | None = None) -> None:
        super().__init__(text)
        self.seconds = seconds


class TooMuch(VendorFailure):
    """The vendor could not prepare so much at a time: ask for less."""


class PageLost(VendorFailure):
    """The vendor does not know the page any more: begin the window anew."""


class OddAnswer(VendorFailure):
    """The vendor's answer is not what its documentation says. `status` is HTTP's, or 0."""

    def __init__(self, text: str, status: int = 0) -> None:
        super().__init__(text)
        self.status = status


class NotUnderstood(Exception):
    """One reservation cannot be stated. The text says why, without anything about the guest."""


class NotConfirmed(VendorFailure):
    """A person has to confirm something that the system shows before secrets are sent to it.

    Attributes:
        field: the name of what is entered to confirm it.
        value: what the system shows.
    """

    def __init__(self, text: str, field: str, value: str) -> None:
        super().__init__(text)
        self.field = field
        self.value = value


class SignatureWrong(Exception):
    """A webhook that the vendor did not send."""


@dataclass(frozen=True)
class NeededText:
    """Something that a person enters to connect."""

    name: str
    label: Words
    help: Words
    is_secret: bool = True
    is_required: bool = True
    is_long: bool = False  # of several lines


@dataclass(frozen=True)
class Named:
    """A vendor's thing with its id: a property, a service, a room type, a rate."""

    id: str
    name: str


@dataclass(frozen=True)
class Property:
    """A hotel as the vendor has it. `now` is the vendor's clock."""

    id: str
    name: str
    time_zone: str
    currency: str
    now: datetime


@dataclass(frozen=True)
class Choice:
    """A question about the property whose answer the adapter needs, with the possible answers."""

    name: str
    label: Words
    options: Sequence[Named]
    is_required: bool = True


@dataclass(frozen=True)
class ChangesPage:
    """A page of reservations that changed in a window; `next_page` is empty on the last one."""

    reservations: Sequence[Raw]
    next_page: str = ""


@dataclass(frozen=True)
class NightPrice:
    """A night's price. `room_type_id` is the vendor's; empty for the rate's own price."""

    night: date
    room_type_id: str
    amount: Decimal


@dataclass
class Access:
    """What an adapter works with: the vendor's address, secrets, choices, and HTTP."""

    address: str
    secrets: Mapping[str, str]
    property_id: str = ""
    choices: Mapping[str, Any] = field(default_factory=dict)
    before_call: Callable[[], None] = lambda: None  # keeps the lease while a vendor is slow
    hotel_id: int = 0


class Adapter(ABC):
    """A booking system's API. Every method raises VendorFailure, and nothing else, unless said."""

    vendor: ClassVar[str]  # short, as in the database
    title: ClassVar[Words]
    addresses: ClassVar[Mapping[str, Words]] = {}  # of the vendor's API, with their names
    schemes: ClassVar[Sequence[str]] = ("https", "http")  # of addresses that an operator names
    needed: ClassVar[Sequence[NeededText]]
    what_to_do: ClassVar[Sequence[Words]]  # at the vendor, step by step, before connecting
    tried: ClassVar[Words] = ""  # against what, for people
    calls_per_window: ClassVar[tuple[int, float]] = (60, 60.0)  # calls, seconds
    longest_window: ClassVar[timedelta] = timedelta(days=30)
    overlap: ClassVar[timedelta] = timedelta(minutes=10)  # how late a change may become visible
    seconds_between: ClassVar[int] = 60  # readings without a nudge
    prices_at_once: ClassVar[int] = 500
    takes_prices: ClassVar[bool] = True  # else nothing is asked of rates and room types
    do_not_call_in_templates: ClassVar[bool] = True  # Django's templates call what they can

    def __init__(self, access: Access) -> None:
        self.access = access

    @abstractmethod
    def properties(self) -> Sequence[Named]:
        """Return the properties that the secrets give access to: the check of signing in."""

    @abstractmethod
    def open_property(self) -> Property:
        """Return the chosen property, with the vendor's clock. Called before each reading."""

    def questions(self) -> Sequence[Choice]:
        """Return what has to be chosen for the property, such as the service or the rate."""
        return ()

    def room_types(self) -> Sequence[Named]:
        """Return the property's room types."""
        return ()

    def rates(self) -> Sequence[Named]:
        """Return the rates whose prices can be set."""
        return ()

    @abstractmethod
    def read_changes(self, since: datetime, until: datetime, page: str) -> ChangesPage:
        """Return a page of the reservations that changed from `since` to `until`, both included.

        Args:
            page: `next_page` of the page before; empty for the first.
        Raises: VendorFailure; PageLost when the page is not known any more.
        """

    @abstractmethod
    def reservation(self, raw: Raw) -> Body:
        """Return a reservation for `POST /reservations/`. Pure. Raises: NotUnderstood."""

    def read_reservation(self, number: str) -> Raw | None:
        """Return one reservation as it is now; None where there is none, or it cannot be asked for.

        Args:
            number: as people see it in the system, or the vendor's id.
        """
        return None

    @abstractmethod
    def reservation_id(self, raw: Raw) -> str:
        """Return the vendor's id of a reservation, also of one that is not understood."""

    def send_prices(self, prices: Sequence[NightPrice]) -> None:
        """Set prices; when it returns, the vendor has confirmed all of them."""
        raise NotImplementedError("a system that takes prices sets them")

    def read_prices(self, first: date, last: date) -> Mapping[tuple[str, date], Decimal] | None:
        """Return the vendor's prices by room type's id and night; None where it does not tell."""
        return None

    @classmethod
    def tells_prices(cls) -> bool:
        """Return whether a price that is changed there can be noticed."""
        return cls.read_prices is not Adapter.read_prices

    def renew_secrets(self) -> Mapping[str, str] | None:
        """Return new secrets after the vendor refused the present ones; None where it cannot."""
        return None

    @classmethod
    def webhook(
        cls, headers: Mapping[str, str], body: bytes, secrets: Mapping[str, str]
    ) -> Sequence[str]:
        """Return the ids of the properties in which something changed; a webhook is only a nudge.

        Empty for the connection's own. Raises: SignatureWrong, where the vendor signs.
        """
        return ()
