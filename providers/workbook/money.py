"""Money as the sheets have it: amounts that agree, in a currency with its rate."""

from decimal import Decimal
from typing import Final, NamedTuple

from domain.datasets import WHOLE_DIGITS
from providers.workbook.chart import NOTHING
from providers.workbook.tables import Record

_LIMIT: Final = Decimal(10**WHOLE_DIGITS)
_SAME: Final = Decimal(1)


class Amounts(NamedTuple):
    """total = net + tax."""

    net: Decimal
    tax: Decimal
    total: Decimal


class Currency(NamedTuple):
    """base = amount x rate."""

    code: str
    rate: Decimal


def amounts(record: Record) -> Amounts:
    """Work out what the customer left empty; complain of what does not add up."""
    net, tax = record["net_amount"], record["tax_amount"]
    total = record["total_amount"] or NOTHING
    if net is None:
        tax = tax or NOTHING
        return Amounts(total - tax, tax, total)
    if tax is None:
        return Amounts(net, total - net, total)
    if record.is_sound and net + tax != total:
        record.complain("total_amount", "Net and tax amount don't add up to this.")
    return Amounts(net, tax, total)


def currency(record: Record, base: str) -> Currency:
    """Return the currency of a row and its rate; complain where one lacks the other."""
    code, rate = record["currency"] or base, record["currency_rate"]
    if not record.is_sound:
        return Currency(base, _SAME)
    if code == base and rate not in (None, _SAME):
        record.complain(
            "currency_rate",
            "The base currency has no exchange rate: leave it empty, or name another currency.",
        )
    elif code != base and rate is None:
        record.complain(
            "currency_rate",
            "This is needed, since the currency is not the base currency.",
        )
    return Currency(code, rate or _SAME)


def is_too_large(amount: Decimal) -> bool:
    """Whether a sum of amounts has more digits than can be kept."""
    return abs(amount) >= _LIMIT
