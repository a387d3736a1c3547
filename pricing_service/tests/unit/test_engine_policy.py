"""The engine is called in the simulation as in production, with what a hotel knows that morning."""

from datetime import timedelta
from decimal import Decimal

import numpy as np

from pricing_service.engine import History, HotelRules, recommend
from pricing_service.laboratory.markets.market import SHORT_WINDOW, Market
from pricing_service.laboratory.markets.simulated_guests import draw_guests
from pricing_service.laboratory.markets.simulated_sales import Morning, sell_history
from pricing_service.laboratory.policies.engine_policy import engine

MARKET = Market(name="engine", rooms=9, window=SHORT_WINDOW, base=Decimal(80),
                past_offers_known=True)  # fmt: skip


def test_it_is_what_recommend_gives_for_the_hotel_s_records() -> None:
    hotel = sell_history(draw_guests(MARKET, 1))
    start = hotel.simulated.timeline.start
    books = hotel.books[start : start + 365]
    morning = Morning(MARKET.start, 0, books, hotel.history)
    history = History(hotel.history.bookings(), hotel.history.offers())
    for learns in (True, False):
        rules = HotelRules(
            base=Decimal(80), minimum=Decimal(60), maximum=Decimal(220), step=Decimal(1), rooms=9,
            try_prices=learns, learn_response=learns,
        )  # fmt: skip
        expected = recommend(rules, history, as_of=MARKET.start, nights=365, seed=7)
        prices = engine(MARKET, 7, learns=learns)(morning)
        assert prices.tolist() == [float(night.price) for night in expected]
    assert (prices == engine(MARKET, 8, learns=False)(morning)).all(), "it tries no prices"
    assert np.unique(prices).size > 1


def test_it_learns_anew_when_a_week_has_ended() -> None:
    """Eight mornings later it says what a newly learned belief says."""
    hotel = sell_history(draw_guests(MARKET, 1))
    start = hotel.simulated.timeline.start
    policy = engine(MARKET, 7)
    later = MARKET.start + timedelta(days=8)
    for day, as_of in ((0, MARKET.start), (8, later)):
        books = hotel.books[start + day : start + day + 365]
        prices = policy(Morning(as_of, day, books, hotel.history))
        if not day:
            asked = np.full(hotel.simulated.timeline.size, 95.0)
            for number in range(8):
                hotel.sell_day(start + number, asked)
                hotel.history.add_offers(start + number, asked[start + number :][:365])
    anew = engine(MARKET, 7)(Morning(later, 8, books, hotel.history))
    assert (prices == anew).all()
