"""What Django can do at best here: the limits' views."""

import os
from pathlib import Path

import orjson
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.urls import path

from data_provider.ledger import rest_timestamp, rest_uuid

SAME = os.environ.get("BARE_FILE")
BODY = Path(SAME).read_bytes() if SAME else b""

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
    """The bytes of a file."""
    return _json(BODY)


def page(request: HttpRequest) -> HttpResponse:
    """A page of 1,000 events by the same SQL."""
    with connections["data_provider"].cursor() as cursor:
        cursor.execute(SQL_PAGE)
        found = cursor.fetchall()
    shown = [
        {
            "id": position,
            "hotel_id": hotel,
            "event_timestamp": rest_timestamp(moment),
            "status": status,
            "room_reservation_id": rest_uuid(reservation),
            "night_of_stay": night,
        }
        for position, hotel, moment, status, reservation, night in found[:1000]
    ]
    return _json(orjson.dumps(shown))


def insert(request: HttpRequest) -> HttpResponse:
    """One event, or many, as they come."""
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
