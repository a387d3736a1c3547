"""Look at batches that could not be recorded, and decide about them."""

from argparse import ArgumentParser
from typing import Any

import redis
from django.core.management.base import BaseCommand, CommandError

from data_provider.event_queue.queue_stream import DeadLetter, EventQueue

SHOWN_CHARACTERS = 2_000


class Command(BaseCommand):
    help = (
        "List the batches that no worker could record, with the reason. Then decide: --resend "
        "them when the cause is gone, or --drop them for good. ID is what the list shows, or `all`."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        decision = parser.add_mutually_exclusive_group()
        decision.add_argument("--show", metavar="ID", help="print what a batch holds")
        decision.add_argument("--resend", metavar="ID", help="queue again")
        decision.add_argument("--drop", metavar="ID", help="delete for good")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._decide(EventQueue(), options)
        except redis.RedisError as error:
            raise CommandError(f"Redis does not answer: {error}") from error

    def _decide(self, queue: EventQueue, options: dict[str, Any]) -> None:
        if wanted := options["resend"] or options["drop"]:
            act = queue.resend if options["resend"] else queue.drop
            letters = self._chosen(queue, wanted)
            for letter in letters:
                act(letter)
            done = "queued again" if options["resend"] else "dropped"
            events = sum(letter.events for letter in letters)
            self.stdout.write(f"{done}: {len(letters):,} dead letters with {events:,} events")
        elif options["show"]:
            for letter in self._chosen(queue, options["show"]):
                self.stdout.write(f"{letter.line}\n{letter.content[:SHOWN_CHARACTERS]}")
        else:
            for letter in queue.dead_letters():
                self.stdout.write(letter.line)

    @staticmethod
    def _chosen(queue: EventQueue, wanted: str) -> list[DeadLetter]:
        letters = [x for x in queue.dead_letters() if wanted in (x.id.decode(), "all")]
        if not letters and wanted != "all":
            raise CommandError(f"there is no dead letter {wanted}: `manage.py dead_letters` lists")
        return letters
