"""Why a company is in Error: one line per reason, with all that anyone needs of it."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final, NamedTuple


class Who(StrEnum):
    """Who can act on it. `wait` is nobody: it is tried again by itself."""

    CUSTOMER = "customer"
    BANK = "bank"
    OPERATOR = "operator"
    WAIT = "wait"


class Action(StrEnum):
    """What the bank can do about it, as a button would say."""

    RESEND = "resend"
    FRESH_LINK = "fresh_link"
    RETRY = "retry"
    REFRESH = "refresh"
    REQUEST_AGAIN = "request_again"
    WAIT = "wait"
    CONTACT_OPERATOR = "contact_operator"


class Reason(StrEnum):
    """A stable code: stored, logged and counted. People read its notice instead."""

    EMAIL_UNDELIVERABLE = "email_undeliverable"
    EMAIL_FAILED = "email_failed"
    LINK_EXPIRED = "link_expired"
    AUTHORIZATION_EXITED = "authorization_exited"
    AUTHORIZATION_DECLINED = "authorization_declined"
    AUTHORIZATION_ABANDONED = "authorization_abandoned"
    INSUFFICIENT_PERMISSIONS = "insufficient_permissions"
    WRONG_ORGANISATION = "wrong_organisation"
    ACCESS_REVOKED = "access_revoked"
    PROVIDER_UNAVAILABLE = "provider_unavailable"
    RATE_LIMITED = "rate_limited"
    INVALID_DATA = "invalid_data"
    NO_DATA = "no_data"
    REPORT_FAILED = "report_failed"
    UPLOAD_REJECTED = "upload_rejected"
    INTERNAL = "internal"


class Notice(NamedTuple):
    """
    What a reason means to the people who meet it.

    `retryable`: the same party may try the same again, unchanged. `action` is
    for a journey that is open, `afterwards` for one that is over.
    """

    who: Who
    retryable: bool
    action: Action
    afterwards: Action
    bank: str
    customer: str


_AGAIN: Final = Action.REQUEST_AGAIN

NOTICES: Final[Mapping[Reason, Notice]] = {
    Reason.EMAIL_UNDELIVERABLE: Notice(
        Who.BANK, False, Action.RESEND, Action.RESEND,
        "The mail server refused the contact's address. Correct the address, then send again.",
        "We could not reach you by email.",
    ),
    Reason.EMAIL_FAILED: Notice(
        Who.OPERATOR, True, Action.RESEND, Action.RESEND,
        "The email could not be sent after several tries. Send it again, or copy the link.",
        "We could not reach you by email.",
    ),
    Reason.LINK_EXPIRED: Notice(
        Who.BANK, False, _AGAIN, _AGAIN,
        "The customer did not finish in time and the link has ended. Request the information again.",
        "This link has ended. Ask for a new one.",
    ),
    Reason.AUTHORIZATION_EXITED: Notice(
        Who.CUSTOMER, True, Action.RESEND, Action.RESEND,
        "The customer left before the end. A reminder or a call may help.",
        "You left before you were done. Go on whenever you like.",
    ),
    Reason.AUTHORIZATION_DECLINED: Notice(
        Who.CUSTOMER, True, Action.RESEND, Action.RESEND,
        "The customer said no at the accounting software's own page.",
        "You declined access at your accounting software. You can try again or pick another one.",
    ),
    Reason.AUTHORIZATION_ABANDONED: Notice(
        Who.CUSTOMER, True, Action.RESEND, Action.RESEND,
        "The customer went to the accounting software and did not come back.",
        "You did not come back from your accounting software. You can try again.",
    ),
    Reason.INSUFFICIENT_PERMISSIONS: Notice(
        Who.CUSTOMER, True, Action.RESEND, _AGAIN,
        "The customer's login may not share this data. Somebody with more rights has to connect.",
        "That login may not share this data. Connect with one that may, an administrator for example.",
    ),
    Reason.WRONG_ORGANISATION: Notice(
        Who.CUSTOMER, True, Action.RESEND, _AGAIN,
        "The customer connected another organisation than before.",
        "That is another organisation than the one you connected before. Connect the same one again.",
    ),
    Reason.ACCESS_REVOKED: Notice(
        Who.CUSTOMER, False, Action.RESEND, _AGAIN,
        "Access to the accounting software was revoked or ran out. The customer has to connect again.",
        "Access to your accounting software has ended. Connect it again.",
    ),
    Reason.PROVIDER_UNAVAILABLE: Notice(
        Who.WAIT, True, Action.WAIT, Action.WAIT,
        "The accounting software does not answer. It is tried again every few minutes.",
        "Your accounting software does not answer at the moment. We keep trying; there is nothing to do.",
    ),
    Reason.RATE_LIMITED: Notice(
        Who.WAIT, True, Action.WAIT, Action.WAIT,
        "The accounting software's quota is used up. It is tried again when the software allows.",
        "Your accounting software asks us to wait. We go on by ourselves; there is nothing to do.",
    ),
    Reason.INVALID_DATA: Notice(
        Who.OPERATOR, False, Action.CONTACT_OPERATOR, Action.CONTACT_OPERATOR,
        "The accounting software sent data that can't be understood. An operator has to look at it.",
        "We could not understand your accounting data. We are looking at it; there is nothing to do.",
    ),
    Reason.NO_DATA: Notice(
        Who.CUSTOMER, False, Action.RESEND, _AGAIN,
        "The customer connected, but there is nothing in the books.",
        "There is nothing in those books. Connect the ones that you work with.",
    ),
    Reason.REPORT_FAILED: Notice(
        Who.OPERATOR, True, Action.RETRY, Action.RETRY,
        "The data is there, but a report could not be built. Try again.",
        "We have your data and are working on it; there is nothing to do.",
    ),
    Reason.UPLOAD_REJECTED: Notice(
        Who.CUSTOMER, True, Action.RESEND, _AGAIN,
        "The uploaded file can't be used. The customer has to upload it again.",
        "The file that you uploaded can't be used. Please upload it again.",
    ),
    Reason.INTERNAL: Notice(
        Who.OPERATOR, True, Action.CONTACT_OPERATOR, Action.CONTACT_OPERATOR,
        "Something went wrong on our side. An operator has to look at it.",
        "Something went wrong on our side. We are looking at it; nothing is lost.",
    ),
}  # fmt: skip


def action_for(reason: Reason, *, journey_open: bool, by_link: bool) -> Action:
    """What the bank should do now; a journey without emails gets a fresh link instead."""
    notice = NOTICES[reason]
    action = notice.action if journey_open else notice.afterwards
    return Action.FRESH_LINK if by_link and action is Action.RESEND else action


class Refused(Exception):
    """
    A step could not be done, for a reason that somebody can act on.

    `detail` is a sentence for people, without secrets, figures or addresses;
    `retry_after` is when the other side said to come back.
    """

    def __init__(
        self, reason: Reason, detail: str = "", retry_after: timedelta | None = None
    ) -> None:
        super().__init__(detail or NOTICES[reason].bank)
        self.reason = reason
        self.detail = detail
        self.retry_after = retry_after
