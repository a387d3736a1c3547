"""The reasons of the connections that are stored or reported in English, to be shown translated.

Adapters and own services raise them as English sentences; a worker stores them with the connection,
and the prices' page is told them over REST. Each is here, as the catalogs have it, so that
`common.stored_reasons.in_words` finds it; a test compares this list with what is raised.
"""

from typing import Final

from django.utils.translation import gettext_noop, override

from common import stored_reasons
from common.number_and_date_texts import ENGLISH

OF_VENDORS: Final = (
    gettext_noop("%(path)s answered 401: the access is not valid"),
    gettext_noop("%(path)s answered 403: our access does not allow this"),
    gettext_noop("%(path)s answered %(status)s"),
    gettext_noop("%(path)s answered something that is not JSON"),
    gettext_noop("%(path)s answered no object"),
    gettext_noop("%(path)s answered no %(field)s"),
    gettext_noop("%(operation)s answered that the access is not valid"),
    gettext_noop("%(operation)s answered that it had no success"),
    gettext_noop("an answer lacks %(name)s"),
    gettext_noop("an answer has no list of data"),
    gettext_noop("an answer is not as documented (%(kind)s)"),
    gettext_noop("an answer was longer than %(bytes)s bytes"),
    gettext_noop("the answer took longer than %(seconds)s s"),
    gettext_noop("it answered something that is not as documented"),
    gettext_noop("no answer in time"),
    gettext_noop("no valid TLS connection"),
    gettext_noop("no connection"),
    gettext_noop("there is no access token yet"),
    gettext_noop("there is no adapter for %(vendor)s"),
    gettext_noop(
        "the address of its API is not allowed: the operator names it in CONNECTION_ADDRESSES"
    ),
    gettext_noop("apaleo does not know this client ID or secret"),
    gettext_noop("reservations changed while they were read"),
    gettext_noop("reservations left the pages while they were read"),
    gettext_noop("the reservations are not in the order of their changes"),
    gettext_noop("the chosen rate plan is not one whose prices can be set any more"),
    gettext_noop("the chosen rate has no price of the chosen room type any more"),
    gettext_noop("the rate plan has no time slice on %(night)s"),
    gettext_noop("the property has no known time zone"),
    gettext_noop("the property has no known time zone or currency"),
    gettext_noop("the access is not for this property any more"),
    gettext_noop("the access token is now another property's"),
    gettext_noop("the configuration has no enterprise or time"),
    gettext_noop("no service is chosen"),
    gettext_noop("Cloudbeds refused the prices of %(count)s intervals of nights"),
    gettext_noop("Cloudbeds is still setting prices: they count when it is done"),
    gettext_noop("the changes of a minute are too many for the booking system"),
    gettext_noop(
        "the stored secrets cannot be decrypted: put the key that encrypted them back into "
        "CONNECTION_KEYS, or connect the booking system again"
    ),
)
OF_RESERVATIONS: Final = (
    gettext_noop("a field is missing or of another kind"),
    gettext_noop("a field is missing or of another kind (%(kind)s)"),
    gettext_noop("it ends before it begins"),
    gettext_noop("it has another currency than the property"),
    gettext_noop("its state is not one that Mews documents"),
    gettext_noop("its status is not one that Cloudbeds documents"),
    gettext_noop("its status is not one that apaleo documents"),
    gettext_noop("its status is none of %(known)s"),
    gettext_noop("the ledger does not take it"),
)
OF_OUR_SERVICES: Final = (
    gettext_noop("the ledger answered %(status)s"),
    gettext_noop("the ledger answered %(status)s about a file"),
    gettext_noop("the ledger did not say what it appended"),
    gettext_noop("the ledger did not say how far a file is"),
    gettext_noop("the prices answered %(status)s"),
    gettext_noop("the prices answered %(status)s to a report"),
    gettext_noop("the prices answered something other than prices"),
    gettext_noop("our own REST answered something that is not JSON"),
    gettext_noop("%(address)s does not answer"),
)
OF_FILES: Final = (
    gettext_noop("it has no name of a file"),
    gettext_noop("it is no plain file any more"),
    gettext_noop("it is empty, or too large"),
    gettext_noop("it was sent %(count)d times, and what became of it is unknown"),
    gettext_noop("the same content as %(name)s"),
    gettext_noop("the operator has not set CONNECTION_FILES_DIR"),
    gettext_noop("the folder %(number)d of exports: %(reason)s"),
    gettext_noop("the folder or file is not there"),
    gettext_noop("the folder or file cannot be read"),
    gettext_noop("the account is refused"),
    gettext_noop("the private key is in no form that is known"),
    gettext_noop(
        "the server shows another host key than was confirmed; nothing was sent to it. If its "
        "operator has replaced the key, compare and confirm the new one"
    ),
    gettext_noop(
        "the server shows the host key below; nothing was sent to it yet. Compare it with what its "
        "operator says, and sign in once more to confirm it"
    ),
    gettext_noop("the mailbox answers in another form than documented"),
    gettext_noop("the mailbox does not do what was asked"),
    gettext_noop("the mailbox refuses the sign-in"),
    gettext_noop("the mailbox was made anew"),
    gettext_noop("the mail is not there any more"),
    gettext_noop("the attachment is damaged"),
    gettext_noop("the connection ended"),
    # What the upload says of a file that it cannot load.
    gettext_noop("it is not known yet which column is what: %(names)s"),
    gettext_noop("no line is valid"),
    gettext_noop("line %(number)s"),
    # What an operating system says of folders and files.
    gettext_noop("No such file or directory"),
    gettext_noop("Permission denied"),
    gettext_noop("Not a directory"),
)
OF_PRICES: Final = (
    gettext_noop("no rate is chosen to which prices could be sent"),
    gettext_noop("our prices are in %(ours)s, the booking system's in %(theirs)s: none is sent"),
    gettext_noop("without a price of ours: %(names)s"),
    gettext_noop("prices are decided for the reference room type; the others follow from it"),
    gettext_noop("the connection was stopped"),
    gettext_noop(
        "set in the booking system, and kept there, because it cannot be an override here: "
        "%(reason)s"
    ),
    gettext_noop(
        "Changed in the booking system (%(system)s) to %(price)s; noticed on %(time)s UTC."
    ),
)


def register() -> None:
    """Tell all of them; called once, at the start."""
    from connections.adapters.known_vendors import ADAPTERS  # needs the models, which load later
    from connections.models import FailureKind

    for messages in (OF_VENDORS, OF_RESERVATIONS, OF_OUR_SERVICES, OF_FILES, OF_PRICES):
        stored_reasons.register(*messages)
    with override(ENGLISH):  # as they are stored, with acts and reports
        stored_reasons.register(*(str(kind.title) for kind in ADAPTERS.values()))
        stored_reasons.register(*(str(kind.label) for kind in FailureKind if kind.value))
