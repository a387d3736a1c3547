"""The migration that renames PricingProfile to PricingRules keeps tables and staff permissions."""

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command

from pricing_service.tests.hotels import DATABASES

pytestmark = pytest.mark.django_db(databases=DATABASES, transaction=True)
RENAME = "0002_pricing_rules"


def migrate(name: str, database: str = "default") -> None:
    call_command("migrate", "pricing_service", name, database=database, verbosity=0)


@pytest.fixture
def before_the_rename() -> Iterator[None]:
    ContentType.objects.clear_cache()
    migrate("0001")
    yield
    migrate(RENAME)
    ContentType.objects.clear_cache()


def test_a_group_keeps_its_permission(before_the_rename: None) -> None:
    group = Group.objects.create(name="revenue managers")
    group.permissions.add(Permission.objects.get(codename="change_pricingprofile"))
    migrate(RENAME)
    permission = group.permissions.get()
    assert permission.codename == "change_pricingrules"
    assert permission.name == "Can change pricing rules"
    assert permission.content_type.model == "pricingrules"
    assert not Permission.objects.filter(codename__endswith="pricingprofile").exists()
    assert not ContentType.objects.filter(model="pricingprofile").exists()


def test_the_rename_can_be_reversed(before_the_rename: None) -> None:
    migrate(RENAME)
    migrate("0001")
    assert Permission.objects.filter(codename__endswith="pricingprofile").count() == 4
    assert not Permission.objects.filter(codename__endswith="pricingrules").exists()


def test_no_table_or_column_changes(capsys: pytest.CaptureFixture[str]) -> None:
    """The previous version keeps serving while the migration runs."""
    call_command("sqlmigrate", "pricing_service", RENAME, database="pricing_service")
    sql = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("--")]
    assert set(sql) <= {"", "BEGIN;", "COMMIT;"}
