"""The demonstration task (`make run SIMULATE=1`) records each booking in the ledger once."""

import pytest
from django.utils.timezone import now

from data_provider.models import Event
from simulator import tasks

pytestmark = pytest.mark.one_database


@pytest.mark.django_db(databases=["data_provider"], transaction=True)
def test_each_booking_is_recorded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    moment = now()
    monkeypatch.setattr(tasks, "now", lambda: moment)
    monkeypatch.setattr(tasks, "DEMONSTRATION_WINDOW_SECONDS", 3600)
    assert tasks.record_demonstration_bookings() == Event.objects.count() > 0
    assert set(Event.objects.values_list("hotel_id", flat=True)) == {tasks.DEMONSTRATION_HOTEL_ID}
    assert tasks.record_demonstration_bookings() == 0
