"""Every database of the settings is in a backup, and the ledger is copied last."""

from django.conf import settings

from roompricegenie.backups.databases import LEDGER, QUERIES


def test_every_database_is_in_a_backup_and_the_ledger_comes_last() -> None:
    assert {*QUERIES} == {*settings.DATABASES}
    assert [*QUERIES][-1] == LEDGER
