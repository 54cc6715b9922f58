"""Suggestions: within the account's statement, never surer below than above, for any text."""

from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from domain.datasets import AccountType, Section
from domain.taxonomy import category
from reports.categories import AccountFacts, Suggestion, impact, suggest
from tests.reports.categories.given import Known, an_account, place_of

FIXED = "Asset.NonCurrent.TangibleAssets"
DEPRECIATED = "Asset.NonCurrent.AccumulatedDepreciationDepletionAmortization.AccumulatedDepreciation"
OVERHEADS = "Expense.Operating.SalesGeneralAdministrative"

accounts = some.builds(
    AccountFacts,
    id=some.just("1"),
    name=some.one_of(
        some.text(),
        some.lists(
            some.sampled_from(
                [
                    "bank",
                    "rent",
                    "loan",
                    "VAT",
                    "sales",
                    "wages",
                    "interest",
                    "depreciation",
                    "less",
                    "long",
                    "term",
                    "Versicherung",
                    "frais",
                    "ventas",
                    "omzet",
                    "löner",
                    "prepaid",
                    "director",
                    "clearing",
                ]
            )
        ).map(" ".join),
    ),
    currency=some.sampled_from(["GBP", "EUR", "USD", "SEK", "AUD", "NOK", "JPY"]),
    balance=some.decimals(-10_000, 10_000, places=2),
    type=some.sampled_from(get_args(AccountType)),
    code=some.one_of(some.none(), some.text(max_size=8), some.from_regex("[0-9]{3,6}")),
    description=some.one_of(some.none(), some.text()),
    category=some.one_of(
        some.none(), some.text(), some.sampled_from(["BANK", "FIXED"])
    ),
    is_bank_account=some.booleans(),
    sections=some.frozensets(some.sampled_from(get_args(Section)), max_size=2),
)


@settings(deadline=None)
@given(accounts)
def test_a_suggestion_is_a_category_with_a_confidence_for_each_level(
    account: AccountFacts,
) -> None:
    """
    Whatever an account is called, the answer is a real category, level by level.
    """
    suggestion = suggest(account)

    depth = category(suggestion.category_id).level if suggestion.category_id else 0
    assert depth == len(suggestion.levels)
    assert all(0 <= level <= 100 for level in suggestion.levels)


@settings(deadline=None)
@given(accounts)
def test_confidence_never_rises_with_depth(account: AccountFacts) -> None:
    """
    Nobody is surer of the branch than of the tree it grows on.
    """
    levels = suggest(account).levels

    assert sorted(levels, reverse=True) == list(levels)


@settings(deadline=None)
@given(accounts)
def test_the_statement_is_never_crossed(account: AccountFacts) -> None:
    """
    What the software calls income or expense stays in the profit, the rest in the balance sheet.
    """
    suggestion = suggest(account)

    if account.type != "unknown" and suggestion.category_id:
        of_profit = account.type in {"income", "expense"}
        expected = "profit_and_loss" if of_profit else "balance_sheet"
        assert expected == category(suggestion.category_id).statement


@settings(deadline=None)
@given(accounts)
def test_the_type_decides_unless_money_is_owed_to_the_bank(
    account: AccountFacts,
) -> None:
    """
    A category has the root that the type names; only an overdrawn asset becomes a debt.
    """
    found = suggest(account).category_id or ""

    owed = account.balance < 0 and found.startswith("Liability.Current.Debt.")
    if account.type != "unknown" and not (account.type == "asset" and owed):
        assert account.type.capitalize() == found.split(".")[0]


@settings(deadline=None)
@given(accounts)
def test_the_same_account_gets_the_same_suggestion(account: AccountFacts) -> None:
    """
    Nothing but the account's facts counts.
    """
    assert suggest(account) == suggest(account)


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "x" * 10_000,
        "bank " * 10_000,
        "\x00\x1b[31m\u202e",
        "=1+1",
        "💰",
        "İ ß ŉ",
        "'" * 99,
    ],
)
def test_a_hostile_name_leaves_the_type(name: str) -> None:
    """
    A name that says nothing, or far too much, is no reason to fail.
    """
    suggestion = suggest(an_account(name, type="equity"))

    assert "Equity" == suggestion.category_id


def test_nothing_is_suggested_where_nothing_is_known() -> None:
    """
    An account of no type with a name that means nothing has no category and no confidence.
    """
    suggestion = suggest(an_account("Zzyzx 42"))

    assert Suggestion(None, ()) == suggestion
    assert 0 == suggestion.confidence


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("Rent", {"type": "income"}, "Income.Revenue.RentalIncome"),
        ("Rent", {"type": "expense"}, "Expense.Operating.Leases.BuildingRentLeases"),
        (
            "Rent",
            {"type": "asset", "category": "PREPAYMENT"},
            "Asset.Current.AccruedDeferredAssets.PrepaidExpenses",
        ),
        ("Interest", {"type": "income"}, "Income.NonOperating.Interest"),
        ("Interest", {"type": "liability"}, "Liability.Current.InterestPayable"),
        (
            "Wages",
            {"type": "liability"},
            "Liability.Current.Personnel.EmployeeWagesPayable",
        ),
        (
            "Wages",
            {"type": "expense", "sections": frozenset({"cost_of_sales"})},
            "Expense.CostOfSales.Personnel.SalariesWages",
        ),
        (
            "Purchases",
            {"type": "expense", "sections": frozenset({"expenses"})},
            "Expense.Operating",
        ),
        ("Purchases", {"type": "expense"}, "Expense.CostOfSales.Inventory"),
        (
            "Directors' loan account",
            {"type": "asset"},
            "Asset.Current.RelatedParties.ShareholderLoans.DirectorsLoans",
        ),
        (
            "Directors' loan account",
            {"type": "liability", "category": "TERMLIAB"},
            "Liability.NonCurrent.RelatedParties.ShareholderLoansPayable.DirectorsLoansPayable",
        ),
    ],
)
def test_the_same_words_mean_different_things_in_different_places(
    name: str, known: Known, expected: str
) -> None:
    """
    Type and statement come before words: rent is earned, paid, or paid in advance.
    """
    assert expected == place_of(name, **known)


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("Motor Vehicles at Cost", {"type": "asset"}, f"{FIXED}.Automobiles"),
        ("Motor Vehicles - Accum Dep'n", {"type": "asset"}, DEPRECIATED),
        ("Less: Acc. Depr. Plant & Machinery", {"type": "asset"}, DEPRECIATED),
        (
            "Allowance for Doubtful Debts",
            {"type": "asset"},
            "Asset.Current.AllowanceDoubtfulAccounts",
        ),
        (
            "Sales Returns & Allowances",
            {"type": "income"},
            "Income.DiscountsReturnsAllowances",
        ),
        ("Treasury stock", {"type": "equity"}, "Equity.ShareCapital.TreasuryStock"),
        ("Owner's drawings", {"type": "equity"}, "Equity.OwnersEquity.Drawings"),
        (
            "Purchase discounts",
            {"type": "expense", "sections": frozenset({"cost_of_sales"})},
            "Expense.CostOfSales",
        ),
        ("Undeposited funds", {"type": "asset"}, "Asset.Current.UndepositedFunds"),
        ("Stripe clearing", {"type": "asset"}, "Asset.Current.Bank.Clearing"),
        ("Suspense", {"type": "liability"}, "Liability.Current"),
    ],
)
def test_contra_and_passing_accounts_have_places_of_their_own(
    name: str, known: Known, expected: str
) -> None:
    """
    What stands against another account is not that account.
    """
    assert expected == place_of(name, **known)


@pytest.mark.parametrize(
    ("name", "balance", "expected"),
    [
        ("Barclays", 5, "Asset.Current.Bank"),
        ("Barclays", -5, "Liability.Current.Debt.Overdrafts"),
        ("Tax savings", 5, "Asset.Current.Bank"),
        ("Amex", -5, "Liability.Current.Debt.CreditCards"),
        ("Petty cash", 5, "Asset.Current.CashEquivalents"),
        ("Petty cash", -5, "Asset.Current.CashEquivalents"),
    ],
)
def test_a_bank_account_follows_its_balance(
    name: str, balance: int, expected: str
) -> None:
    """
    An overdrawn bank account is a debt; what it is put by for doesn't matter.
    """
    found = place_of(name, type="asset", is_bank_account=True, balance=Decimal(balance))

    assert expected == found


def test_a_bank_account_of_no_type_is_money() -> None:
    """
    The flag is enough, and the balance still counts.
    """
    assert "Asset.Current.Bank" == place_of("Main", is_bank_account=True)
    assert "Liability.Current.Debt.CreditCards" == place_of(
        "Mastercard", is_bank_account=True, type="liability", balance=Decimal(9)
    )


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("Kfz-Versicherungen", {"type": "expense"}, f"{OVERHEADS}.Insurance"),
        (
            "Buero-Miete",
            {"type": "expense"},
            "Expense.Operating.Leases.BuildingRentLeases",
        ),
        (
            "Bürogebäudereinigung",
            {"type": "expense"},
            "Expense.Operating.Property.PropertyMaintenance",
        ),
        (
            "Mietaufwendungen",
            {"type": "expense"},
            "Expense.Operating.Leases.BuildingRentLeases",
        ),
        (
            "Stromabrechnung",
            {"type": "expense"},
            "Expense.Operating.Utilities.Energy.Electricity",
        ),
        ("Primes d'assurances", {"type": "expense"}, f"{OVERHEADS}.Insurance"),
        (
            "Sueldos y salarios",
            {"type": "expense"},
            "Expense.Operating.Personnel.EmployeeWages",
        ),
        (
            "Handelscrediteuren",
            {"type": "liability"},
            "Liability.Current.AccountsPayable",
        ),
        (
            "Crediti v/clienti",
            {"type": "asset"},
            "Asset.Current.Receivables.AccountsReceivable",
        ),
        ("Material de escritório", {"type": "expense"}, OVERHEADS),
        (
            "Kundefordringer",
            {"type": "asset"},
            "Asset.Current.Receivables.AccountsReceivable",
        ),
        ("Årets resultat", {"type": "equity"}, "Equity.RetainedEarnings"),
    ],
)
def test_other_languages_are_understood(name: str, known: Known, expected: str) -> None:
    """
    Accents, spellings without them and compounds make no difference.
    """
    assert expected == place_of(name, **known)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Insurrance", f"{OVERHEADS}.Insurance"),
        ("Telephne", "Expense.Operating.Utilities.Telecommunications"),
        ("R&D", "Expense.Operating.ResearchDevelopment"),
        ("Prof. fees", f"{OVERHEADS}.ProfessionalServices"),
        ("Equipment rent", "Expense.Operating.Leases.EquipmentRentLeases"),
        ("T & E", "Expense.Operating.Travel"),
        ("H.P. interest", "Expense.NonOperating.Interest"),
        ("Employer's N.I.", "Expense.Operating.Personnel.EmployeeTaxes"),
        ("Electricity and gas", "Expense.Operating.Utilities.Energy"),
    ],
)
def test_slips_initials_and_lists_are_understood(name: str, expected: str) -> None:
    """
    A missing letter, initials, or two things in one account still find their place.
    """
    assert expected == place_of(name, type="expense")


def test_the_nominal_code_speaks_where_the_name_does_not() -> None:
    """
    A code of a common chart gives a second level, and never against the type.
    """
    assert "Expense.CostOfSales" == place_of("Zzyzx", type="expense", code="5000")
    assert "Asset" == place_of("Zzyzx", type="asset", code="5000")


def test_a_code_of_another_country_says_nothing() -> None:
    """
    A chart counts only for the currencies that it is used with.
    """
    assert "Expense.Operating" == place_of(
        "Zzyzx", type="expense", code="5000", currency="JPY"
    )


def test_without_a_type_sections_and_software_tell_the_statement() -> None:
    """
    An account of no type is placed by where it is printed or what the software calls it.
    """
    printed = frozenset[Section]({"other_income"})

    assert "Income.NonOperating" == place_of("Zzyzx", sections=printed)
    assert "Liability.Current" == place_of(
        "Zzyzx", category="Other current liabilities"
    )


def test_the_software_s_words_and_the_description_help_a_name() -> None:
    """
    A category that is no known one is read like a name, and so is a description.
    """
    lease = "Expense.Operating.Leases.BuildingRentLeases"

    assert f"{OVERHEADS}.Insurance" == place_of(
        "Zzyzx", type="expense", category="Insurance cost"
    )
    assert lease == place_of("Zzyzx", type="expense", description="Rent of the office")


def test_impact_is_the_money_in_doubt() -> None:
    """
    The balance's size times the doubt, to the last digit; no suggestion is all doubt.
    """
    suggestion = Suggestion("Asset.Current", (99, 85))

    assert Decimal("1.5015") == impact(Decimal("-10.01"), suggestion)
    assert Decimal(7) == impact(Decimal(7), Suggestion(None, ()))


def test_facts_are_taken_from_a_row() -> None:
    """
    A canonical account and the sections it is printed in make its facts.
    """
    row = {
        "id": "7",
        "code": "200",
        "name": "Sales",
        "description": None,
        "type": "income",
        "category": None,
        "currency": "GBP",
        "balance": Decimal(3),
        "is_bank_account": False,
        "status": "active",
    }

    facts = AccountFacts.of(row, ["income"])

    expected = an_account("Sales", type="income", balance=Decimal(3), code="200")
    assert expected._replace(id="7", sections=frozenset({"income"})) == facts
