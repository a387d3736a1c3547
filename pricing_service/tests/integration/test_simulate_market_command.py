"""`manage.py simulate_market` says that it is a simulation, then prints shares of the limit."""

import io
import re

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.one_database

SMALL = ("--markets=8-rooms", "--policies", "fixed", "ladder", "--seeds=1-2", "--jobs=1")


def run(*arguments: str) -> tuple[str, str]:
    out, errors = io.StringIO(), io.StringIO()
    call_command("simulate_market", *arguments, stdout=out, stderr=errors)
    return out.getvalue(), errors.getvalue()


def test_it_prints_each_policy_s_share_of_the_limit() -> None:
    output, progress = run(*SMALL)
    assert output.startswith("This is a simulation: hotels, guests")
    assert "not what your hotel will earn" in output
    assert "Seeds 1, 2; shares" in output
    assert re.search(r"^market +\| fixed base price +\| occupancy ladder *$", output, re.M)
    assert re.search(r"^8-rooms \| 0\.\d{3} ± 0\.\d{3} +\| 0\.\d{3} ± 0\.\d{3} *$", output, re.M)
    assert re.search(r"^It took \d+\.\d minutes\.$", output, re.M)
    for year, line in enumerate(progress.splitlines(), start=1):
        shares = r"fixed 0\.\d{3}, ladder 0\.\d{3}"
        assert re.fullmatch(f"{year} of 2 years: 8-rooms, seed {year}: {shares}", line)
    assert year == 2


def test_equal_seeds_print_equal_figures_and_details_on_request() -> None:
    figures, again, other = (
        re.sub("It took.*", "", run(*SMALL[:-2], seeds, "--jobs=1", "--details")[0])
        for seeds in ("--seeds=3", "--seeds=3", "--seeds=4")
    )
    assert figures == again != other
    assert re.search(r"^8-rooms \| limit +\| +[\d,]+ \| +\d+\.\d% \| +\d+\.\d{2}$", figures, re.M)


@pytest.mark.parametrize(
    ("argument", "why"),
    [
        ("--markets=mars", "no market or set is called 'mars'; sets: table, judging, tuning"),
        ("--seeds=many", "--seeds: must be like 7, 1-5 or 1,3,8-9, not 'many'"),
        ("--seeds=", "--seeds: must be like 7, 1-5 or 1,3,8-9, not ''"),
        ("--seeds=5-1", "--seeds: '5-1' is no range of seeds"),
        ("--seeds=1-", "--seeds: must be like"),
        ("--seeds=1-101", "--seeds: '1-101' has more than 100 seeds"),
        ("--seeds=0-99,200", "--seeds: at most 100 seeds, not 101"),
        ("--seeds=99999999999", "no range of seeds"),
        ("--policies=luck", "--policies: invalid choice: 'luck'"),
        ("--jobs=0", "--jobs: must be a whole number from 1 to 256, not '0'"),
        ("--jobs=two", "--jobs: must be a whole number from 1 to 256, not 'two'"),
    ],
)
def test_wrong_arguments_are_refused(argument: str, why: str) -> None:
    with pytest.raises(CommandError, match=re.escape(why)):
        run(argument)
