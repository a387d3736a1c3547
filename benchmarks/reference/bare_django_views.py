"""The fastest views that Django allows for the same bytes and SQL: the limits of the benchmarks."""

import os
from pathlib import Path

import orjson
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.urls import path

from data_provider.ledger import rest_timestamp, rest_uuid

BODY_FILE = os.environ.get("BARE_FILE")
BODY = Path(BODY_FILE).read_bytes() if BODY_FILE else b""

SQL_PAGE = """
    SELECT id, hotel_id, CAST(timestamp AS text), rpg_status, CAST(room_reservation_id AS text),
      CAST(night_of_stay AS text)
    FROM data_provider_event WHERE hotel_id = 1 ORDER BY timestamp, id LIMIT 1001"""
SQL_INSERT = """
    INSERT INTO data_provider_event (hotel_id, timestamp, room_reservation_id, night_of_stay,
      rpg_status, recorded_at) VALUES (%s, %s, %s, %s, %s, CURRENT_TIMESTAMP)"""


def _json(body: bytes, status: int = 200) -> HttpResponse:
    headers = {"Content-Length": str(len(body))}
    return HttpResponse(body, status=status, content_type="application/json", headers=headers)


def same(request: HttpRequest) -> HttpResponse:
    """Answer with the bytes of BARE_FILE."""
    return _json(BODY)


def page(request: HttpRequest) -> HttpResponse:
    """Answer with a page of 1,000 events, read by the ledger's own SQL."""
    with connections["data_provider"].cursor() as cursor:
        cursor.execute(SQL_PAGE)
        rows = cursor.fetchall()
    events = [
        {
            "id": position,
            "hotel_id": hotel,
            "event_timestamp": rest_timestamp(timestamp),
            "status": status,
            "room_reservation_id": rest_uuid(reservation),
            "night_of_stay": night,
        }
        for position, hotel, timestamp, status, reservation, night in rows[:1000]
    ]
    return _json(orjson.dumps(events))


def insert(request: HttpRequest) -> HttpResponse:
    """Insert one event or a list of events, without validation."""
    body = orjson.loads(request.body)
    events = body if isinstance(body, list) else [body]
    rows = [
        (
            event["hotel_id"],
            event["event_timestamp"].replace("T", " ").rstrip("Z"),
            event["room_reservation_id"].replace("-", ""),
            event["night_of_stay"],
            event["status"],
        )
        for event in events
    ]
    connection = connections["data_provider"]
    with connection.cursor() as cursor:
        if len(rows) == 1:
            cursor.execute(SQL_INSERT, rows[0])
        else:
            values = ", ".join(["(%s, %s, %s, %s, %s, CURRENT_TIMESTAMP)"] * len(rows))
            head = SQL_INSERT.partition("VALUES")[0]
            cursor.execute(f"{head} VALUES {values}", [value for row in rows for value in row])
    return _json(orjson.dumps(events[0]), 201)


urlpatterns = [path("same", same), path("page", page), path("insert", insert)]
