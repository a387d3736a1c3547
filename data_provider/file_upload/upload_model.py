"""An uploaded file: whose it is, what was decided about it, and how far it is.

Nothing of the file's content is in this row but the words of its header and of its states: no
guest, no reservation. States only move forward; a state is committed before what follows it is
done, so that whichever process dies, the next one knows what is left.
"""

import uuid
from dataclasses import replace
from typing import Any

from django.db import models
from django.utils import timezone, translation

from common.translatable_text import Text, from_json
from data_provider.field_errors import FileError


class UploadState(models.TextChoices):
    """How far an upload is."""

    RECEIVING = "receiving"  # parts of the file are missing
    CHOOSING = "choosing"  # a person checks which column is what
    WAITING = "waiting"  # for a worker
    LOADING = "loading"  # a worker reads it; it says so every second
    RECORDING = "recording"  # all of it is queued
    DONE = "done"
    FAILED = "failed"


OPEN_STATES = (UploadState.RECEIVING, UploadState.CHOOSING)  # nothing of it was queued
ENDED_STATES = (UploadState.DONE, UploadState.FAILED)


class UploadKind(models.TextChoices):
    """What the lines of a file are."""

    EVENTS = "events"
    RESERVATIONS = "reservations"


class FileUpload(models.Model):
    """One uploaded file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(auto_now=True)
    sender = models.CharField(max_length=100)
    hotel_id = models.PositiveIntegerField("hotel")
    hotels = models.JSONField(null=True, help_text="Lines of others are rejected; null for all.")
    file_name = models.CharField(max_length=200)
    size = models.BigIntegerField(help_text="In bytes.")
    written_at = models.DateTimeField(help_text="As of when the file states reservations.")
    kind = models.CharField(max_length=12, choices=UploadKind.choices, blank=True)
    mapping = models.JSONField(default=dict, help_text="As in a mapping's TOML file.")
    time_zone = models.CharField(max_length=64, default="UTC", help_text="Of times without offset.")
    state = models.CharField(
        max_length=9, choices=UploadState.choices, default=UploadState.RECEIVING
    )
    load = models.CharField(max_length=32, blank=True, help_text="The load's report in Redis.")
    attempts = models.PositiveSmallIntegerField(default=0)
    alive_at = models.DateTimeField(null=True, help_text="When its worker last said so.")
    progress = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    problem = models.TextField(blank=True)

    class Meta:
        constraints = [
            # Loads wait while the queue is full; two at a time could take every worker from it.
            models.UniqueConstraint(
                fields=["state"],
                condition=models.Q(state=UploadState.LOADING),
                name="one_upload_is_loaded_at_a_time",
            )
        ]
        indexes = [models.Index(fields=["state", "changed_at"], name="upload_state")]

    def __str__(self) -> str:
        return f"{self.file_name}, hotel {self.hotel_id}"

    @property
    def allowed_hotels(self) -> frozenset[int] | None:
        """The hotels whose lines are loaded; None for all."""
        return None if self.hotels is None else frozenset(self.hotels)

    @property
    def is_events(self) -> bool:
        return self.kind == UploadKind.EVENTS

    @property
    def problem_text(self) -> str:
        """Why it was not loaded, in the active language where its parts are known."""
        told = self.result.get("problem")
        return from_json(told).render() if told else self.problem

    def set_state(self, state: UploadState, **fields: Any) -> None:
        """Save a state with what belongs to it."""
        self.state = state
        for name, value in fields.items():
            setattr(self, name, value)
        self.save(update_fields=["state", "changed_at", *fields])


def told_problem(
    upload: FileUpload,
    problem: FileError | Text,
    path: str = "",
    result: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the fields of an upload that say why it was not loaded: in English, and in parts.

    Args:
        path: of the file's content, which is called by the file's own name.
        result: what else its result says.
    """
    text = problem.text if isinstance(problem, FileError) else problem
    if isinstance(text, Text) and path:
        values = {
            name: value.replace(path, upload.file_name) if isinstance(value, str) else value
            for name, value in text.values.items()
        }
        text = replace(text, values=values)
    with translation.override("en"):
        english = text.render() if isinstance(text, Text) else text
    parts = {"problem": text.to_json()} if isinstance(text, Text) else {}
    return {"problem": english, "result": (result or {}) | parts}
