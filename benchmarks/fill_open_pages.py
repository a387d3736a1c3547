"""`python -m benchmarks.fill_open_pages PAGES FILE`: a hotel, its user and a login for each page.

Writes a JSON file: the session cookie of each user, in order of their hotels from 1 on, and the key
of the services, which may post events too.
"""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

DAYS = 7


def main(pages: int, file: Path) -> None:
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session

    from accounts.models import HotelAccess, LoginSession
    from dashboard_service.models import DashboardData, HotelFigures, HotelProfile, PickupData
    from pricing_service.models import PricingRules, PricingState

    now = datetime.now(UTC)
    numbers = range(1, pages + 1)
    HotelProfile.objects.bulk_create(HotelProfile(hotel_id=n, rooms=40) for n in numbers)
    HotelFigures.objects.bulk_create(HotelFigures(hotel_id=n, changed_at=now) for n in numbers)
    for day in (now.date() - timedelta(days=back) for back in range(DAYS)):
        counts = {"day": day, "gross_booking_count": 5, "cancellation_count": 1}
        DashboardData.objects.bulk_create(
            DashboardData(hotel_id=n, basis=basis, **counts)
            for basis in ("booked", "stay")
            for n in numbers
        )
        PickupData.objects.bulk_create(
            PickupData(hotel_id=n, night_of_stay=day, **counts) for n in numbers
        )
    PricingRules.objects.bulk_create(
        PricingRules(
            hotel_id=n, mode="suggest", base_price=100, minimum_price=60, maximum_price=250
        )
        for n in numbers
    )
    PricingState.objects.bulk_create(PricingState(hotel_id=n, priced_at=now) for n in numbers)
    users = User.objects.bulk_create(User(username=f"user {n}", password="!") for n in numbers)
    HotelAccess.objects.bulk_create(
        HotelAccess(user=user, hotels=str(n)) for n, user in zip(numbers, users, strict=True)
    )
    store, cookies = SessionStore(), []
    sessions = []
    for n, user in zip(numbers, users, strict=True):
        cookies.append(f"{n:032d}")
        data = {
            "_auth_user_id": str(user.pk),
            "_auth_user_backend": "django.contrib.auth.backends.ModelBackend",
            "_auth_user_hash": user.get_session_auth_hash(),
        }
        sessions.append(
            Session(pk=cookies[-1], session_data=store.encode(data),
                    expire_date=now + timedelta(days=1))
        )  # fmt: skip
    Session.objects.bulk_create(sessions)
    LoginSession.objects.bulk_create(
        LoginSession(session=one, user=user, address="127.0.0.1", last_used_at=now)
        for one, user in zip(sessions, users, strict=True)
    )
    file.write_text(json.dumps({"cookies": cookies, "key": _service_key()}))


def _service_key() -> str:
    from accounts.api_keys import create_key
    from accounts.models import ApiKey

    key = ApiKey(
        name="services", all_hotels=True, read_events=True, read_dashboard=True, write_events=True
    )
    return create_key(key, by="a benchmark")


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), Path(sys.argv[2]))
