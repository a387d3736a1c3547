"""Nothing is forgotten in a backup."""

from django.conf import settings

from roompricegenie.backups.backup_and_restore import LEDGER, QUERIES


def test_every_database_is_in_a_backup_and_the_ledger_comes_last() -> None:
    assert {*QUERIES} == {*settings.DATABASES}
    assert [*QUERIES][-1] == LEDGER
