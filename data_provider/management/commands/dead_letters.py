"""`manage.py dead_letters`: list, show, resend or drop batches that could not be recorded."""

from argparse import ArgumentParser
from typing import Any

import redis
from django.core.management.base import BaseCommand, CommandError

from common.redis_errors import describe_redis_error
from data_provider.event_queue.dead_letters import DeadLetter, drop, list_dead_letters, resend
from data_provider.event_queue.queue_stream import EventQueue

MAX_CONTENT_CHARACTERS = 2_000  # printed by --show


class Command(BaseCommand):
    help = (
        "List the batches that could not be recorded, with the reason. Then decide: --resend them "
        "when the cause is removed, or --drop them for good. ID is an id from the list, or `all`."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        decision = parser.add_mutually_exclusive_group()
        decision.add_argument("--show", metavar="ID", help="print a batch's events")
        decision.add_argument("--resend", metavar="ID", help="queue a batch again")
        decision.add_argument("--drop", metavar="ID", help="delete a batch for good")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._execute(EventQueue(), options)
        except redis.RedisError as error:
            raise CommandError(describe_redis_error(error)) from error

    def _execute(self, queue: EventQueue, options: dict[str, Any]) -> None:
        if selection := options["resend"] or options["drop"]:
            act = resend if options["resend"] else drop
            letters = self._select(queue, selection)
            for letter in letters:
                act(queue, letter)
            verb = "queued again" if options["resend"] else "dropped"
            events = sum(letter.events for letter in letters)
            self.stdout.write(f"{verb}: {len(letters):,} dead letters with {events:,} events")
        elif options["show"]:
            for letter in self._select(queue, options["show"]):
                self.stdout.write(f"{letter.summary}\n{letter.content[:MAX_CONTENT_CHARACTERS]}")
        else:
            for letter in list_dead_letters(queue):
                self.stdout.write(letter.summary)

    @staticmethod
    def _select(queue: EventQueue, selection: str) -> list[DeadLetter]:
        """Return the dead letter with an id, or all. Raises: CommandError for an unknown id."""
        letters = [x for x in list_dead_letters(queue) if selection in (x.id.decode(), "all")]
        if not letters and selection != "all":
            raise CommandError(
                f"there is no dead letter {selection}: `manage.py dead_letters` lists"
            )
        return letters
