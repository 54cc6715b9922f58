"""The part of the machine that a journey goes through."""

from domain.journey import Delivery, Stage, Structure
from domain.route import Step, route
from tests.domain import walk
from tests.domain.acts import FINANCIALS, SPEND, requested

S = Stage


def test_one_legal_entity_is_asked_for_no_names() -> None:
    """
    Financials are of one legal entity: its route has nothing to choose, name or review.
    """
    waiting = requested(FINANCIALS).but(stage=S.AWAITING_CUSTOMER)

    way = route(waiting, [S.AWAITING_CUSTOMER])

    assert (
        S.SENDING,
        S.AWAITING_CUSTOMER,
        S.SELECTING_SOFTWARE,
        S.AUTHORIZING,
        S.FETCHING,
        S.COMPLETED,
    ) == way.stages
    assert frozenset() == way.open_ended
    assert {Step(S.SENDING, S.AWAITING_CUSTOMER)} == way.taken


def test_what_is_not_decided_yet_is_open() -> None:
    """
    Until the customer has chosen, several legal entities may still be named and reviewed.
    """
    undecided = requested(SPEND)

    assert {S.NAMING_ENTITY, S.REVIEWING_ENTITIES} == route(undecided, []).open_ended
    for structure in Structure:
        decided = route(undecided.but(structure=structure), [])
        several = structure is Structure.MULTIPLE
        assert frozenset() == decided.open_ended
        assert several is (S.NAMING_ENTITY in decided.stages)


def test_a_link_that_is_passed_on_is_not_sent() -> None:
    """
    Where the bank hands the link over, the route begins with the customer.
    """
    by_link = requested(FINANCIALS, Delivery.LINK)

    assert S.AWAITING_CUSTOMER == route(by_link, []).stages[0]


def test_what_is_over_shows_where_it_was() -> None:
    """
    An ended journey has nothing ahead: its route is where it was, to its very end.
    """
    expired = requested(FINANCIALS).but(stage=S.EXPIRED)

    way = route(expired, [S.AWAITING_CUSTOMER, S.EXPIRED])

    assert (S.SENDING, S.AWAITING_CUSTOMER, S.EXPIRED) == way.stages
    assert Step(S.AWAITING_CUSTOMER, S.EXPIRED) in way.taken


def test_every_journey_is_on_its_route() -> None:
    """
    Wherever a journey can get, its route has the stage that it is in, and every open one its end.
    """
    for journey in walk.journeys():
        way = route(journey, [])

        assert journey.stage in way.stages
        assert not journey.open or S.COMPLETED in way.stages
        assert way.open_ended <= {*way.stages}
