"""Where an account belongs, from everything that is known about it."""

from collections.abc import Iterable, Iterator
from typing import Final

from domain.taxonomy import is_under
from reports.categories.evidence import (
    CATEGORY,
    DESCRIPTION,
    FIRM,
    GROUND_LEVEL,
    NAME,
    ROOTS,
    Evidence,
    Ground,
    of_category,
    of_code,
    of_default,
    of_meanings,
    of_structure,
    of_words,
)
from reports.categories.facts import AccountFacts, Suggestion
from reports.categories.naming import read
from reports.categories.weighing import weighed
from reports.categories.words import spelled_out

BANK: Final = "Asset.Current.Bank"
OVERDRAFT: Final = "Liability.Current.Debt.Overdrafts"
CARD: Final = "Liability.Current.Debt.CreditCards"
MONEY: Final = (
    BANK,
    "Asset.Current.CashEquivalents",
    "Asset.Current.UndepositedFunds",
    "Asset.Current.RestrictedFunds",
)
FLAGGED: Final = {
    "Asset": Evidence(BANK, 0.95, firm=False),
    "Liability": Evidence("Liability.Current.Debt", 0.8, firm=False),
}


def suggest(facts: AccountFacts) -> Suggestion:
    """Sort an account into the tree, as deep as what is known about it is sure of."""
    roots = _roots(facts)
    structure = [*of_structure(facts), *_flag(facts, roots), *of_words(facts.name)]
    structure = _within(roots, [*structure, *of_code(facts)])
    ground = Ground(roots, _second_level(structure))
    spoken = _within_bank(facts, _spoken(facts, ground))
    found = [*(each.beside(named=bool(spoken)) for each in structure), *spoken]
    if not any(each.category.count(".") for each in found):
        found += _within(roots, of_default(facts))
    return _overdrawn(facts, weighed(found))


def _roots(facts: AccountFacts) -> frozenset[str]:
    """What the type says, or else the statements, or else the software's category."""
    if facts.type in ROOTS:
        return frozenset({ROOTS[facts.type]})
    told = {each.category.split(".")[0] for each in of_structure(facts)}
    if facts.is_bank_account and not told:
        told = {"Asset"}
    return frozenset(told or ROOTS.values())


def _flag(facts: AccountFacts, roots: frozenset[str]) -> Iterator[Evidence]:
    if facts.is_bank_account:
        yield from (FLAGGED[root] for root in sorted(roots & FLAGGED.keys()))


def _within(roots: frozenset[str], found: Iterable[Evidence]) -> list[Evidence]:
    return [each for each in found if each.category.split(".")[0] in roots]


def _second_level(found: Iterable[Evidence]) -> str | None:
    """The part of the statement that the structure is firm about."""
    firm = [
        (each.strength, ".".join(each.category.split(".")[:GROUND_LEVEL]))
        for each in found
        if "." in each.category and each.strength >= FIRM
    ]
    return max(firm)[1] if firm else None


def _spoken(facts: AccountFacts, ground: Ground) -> Iterator[Evidence]:
    named = list(of_meanings(read(facts.name), ground, NAME))
    yield from named
    if facts.category and not any(of_category(facts.category)):
        yield from of_meanings(read(spelled_out(facts.category)), ground, CATEGORY)
    if facts.description and not named:
        yield from of_meanings(read(facts.description), ground, DESCRIPTION)


def _within_bank(facts: AccountFacts, found: Iterable[Evidence]) -> list[Evidence]:
    """A bank account's name may say what it is for: only kinds of money count."""
    if not facts.is_bank_account:
        return list(found)
    return [
        each
        for each in found
        if each.category.startswith("Liability.Current.Debt")
        or any(is_under(each.category, kind) for kind in MONEY)
    ]


def _overdrawn(facts: AccountFacts, suggestion: Suggestion) -> Suggestion:
    """Money that is owed to the bank is a debt."""
    if facts.balance >= 0 or suggestion.category_id != BANK:
        return suggestion
    card = any(each.concept.name == "credit_card" for each in read(facts.name).meanings)
    least = suggestion.levels[-1]
    return Suggestion(CARD if card else OVERDRAFT, (*suggestion.levels, least))
