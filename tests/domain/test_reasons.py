"""The table of reasons: what is promised of each, and that none is missing."""

from datetime import timedelta

import pytest

from domain.reasons import NOTICES, Action, Reason, Refused, Who, action_for

PROMISED = """
    email_undeliverable      bank      no   resend            resend
    email_failed             operator  yes  resend            resend
    link_expired             bank      no   request_again     request_again
    authorization_exited     customer  yes  resend            resend
    authorization_declined   customer  yes  resend            resend
    authorization_abandoned  customer  yes  resend            resend
    insufficient_permissions customer  yes  resend            request_again
    wrong_organisation       customer  yes  resend            request_again
    access_revoked           customer  no   resend            request_again
    provider_unavailable     wait      yes  wait              wait
    rate_limited             wait      yes  wait              wait
    invalid_data             operator  no   contact_operator  contact_operator
    no_data                  customer  no   resend            request_again
    report_failed            operator  yes  retry             retry
    upload_rejected          customer  yes  resend            request_again
    internal                 operator  yes  contact_operator  contact_operator
"""
"""Reason, who can act, retryable, what to do while the journey is open, and afterwards."""

ROWS = [line.split() for line in PROMISED.strip().splitlines()]


def test_every_reason_has_a_notice() -> None:
    """
    Nobody ever reads a bare code.
    """
    assert set(Reason) == set(NOTICES)
    assert set(Reason) == {Reason(code) for code, *_ in ROWS}


@pytest.mark.parametrize(("code", "who", "retryable", "during", "after"), ROWS)
def test_a_notice_says_what_was_promised(
    code: str, who: str, retryable: str, during: str, after: str
) -> None:
    """
    Who can act, whether the same may be tried again, and what the bank should do.
    """
    notice = NOTICES[Reason(code)]

    assert (Who(who), retryable == "yes") == (notice.who, notice.retryable)
    assert Action(during) is action_for(Reason(code), journey_open=True, by_link=False)
    assert Action(after) is action_for(Reason(code), journey_open=False, by_link=False)


@pytest.mark.parametrize("reason", Reason)
def test_a_notice_is_written_for_people(reason: Reason) -> None:
    """
    Both sides read whole sentences, without codes.
    """
    for words in (NOTICES[reason].bank, NOTICES[reason].customer):
        assert words[0].isupper()
        assert words.endswith(".")
        assert "_" not in words


@pytest.mark.parametrize("reason", Reason)
def test_without_emails_nothing_is_sent_again(reason: Reason) -> None:
    """
    Where the bank hands the link over, it makes a fresh one instead of resending.
    """
    by_email = action_for(reason, journey_open=True, by_link=False)
    by_link = action_for(reason, journey_open=True, by_link=True)

    assert by_link is (Action.FRESH_LINK if by_email is Action.RESEND else by_email)


def test_a_refusal_speaks_for_itself() -> None:
    """
    It carries its reason and when to come back; without a detail it reads as its notice.
    """
    plain = Refused(Reason.NO_DATA)
    later = Refused(Reason.RATE_LIMITED, "Come back later.", timedelta(hours=1))

    assert NOTICES[Reason.NO_DATA].bank == str(plain)
    assert "Come back later." == str(later)
    assert (Reason.RATE_LIMITED, timedelta(hours=1)) == (
        later.reason,
        later.retry_after,
    )
