"""`manage.py simulate_market` says that it is a simulation, then prints its results."""

import io
import re

import pytest
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.one_database

SMALL = ("--seeds=3", "--rooms=10")


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("simulate_market", *arguments, stdout=out)
    return out.getvalue()


def test_it_says_that_it_is_a_simulation_and_its_assumptions() -> None:
    output = run(*SMALL, "--elasticity=1.5", "--demand=0.9", "--aggressiveness=4", "--seed=7")
    assert output.startswith(
        "This is a simulation: guests, their elasticity and the hotel are made"
    )
    assert "not what your hotel will earn" in output
    assert "10 rooms, 365 nights, base price 100, from 60 to 220 in steps of 1" in output
    assert "Demand 0.9 of the rooms at the base price, elasticity 1.5 there" in output
    assert "below 30% 0.9, below 50% 1, below 70% 1.1, below 85% 1.25, then 1.4" in output
    assert "(aggressiveness 4)" in output
    assert "Seeds 7 to 9: mean of a year [95 % confidence interval over seeds" in output


def test_it_prints_every_figure_of_every_policy_and_the_differences() -> None:
    lines = run(*SMALL).splitlines()
    heads = next(line for line in lines if "RevPAR" in line)
    assert [cell.strip() for cell in heads.split("|")[1:]] == [
        "revenue", "occupancy %", "average rate", "RevPAR",
    ]  # fmt: skip
    rows = {line.split("|")[0].strip(): line for line in lines[: lines.index(heads) + 4]}
    for policy in ("fixed base price", "occupancy ladder", "recommendations"):
        assert re.fullmatch(r"[^|]+(\| +\S+ \[\S+, \S+\] *){4}", rows[policy])
    assert "100.00 [100.00, 100.00]" in rows["fixed base price"], "whatever the seed"
    less = lines.index(next(line for line in lines if line.startswith("recommendations less")))
    assert [line.split("|")[0].strip() for line in lines[less + 1 :]] == [
        "fixed base price", "occupancy ladder",
    ]  # fmt: skip


def test_equal_seeds_print_equal_figures() -> None:
    assert run(*SMALL) == run(*SMALL)
    assert run(*SMALL) != run(*SMALL, "--seed=1")


@pytest.mark.parametrize(
    ("argument", "why"),
    [
        ("--seeds=2", "--seeds: must be a whole number from 3 to 1000, not '2'"),
        ("--seeds=many", "not 'many'"),
        ("--seed=-1", "--seed: must be a whole number from 0"),
        ("--rooms=0", "--rooms: must be a whole number from 1 to 500, not '0'"),
        ("--elasticity=0", "--elasticity: must be a number from 0.1 to 3.0, not '0'"),
        ("--elasticity=nan", "not 'nan'"),
        ("--demand=-1", "--demand: must be a number from 0.1 to 3.0, not '-1'"),
        ("--demand=lots", "not 'lots'"),
        ("--aggressiveness=6", "--aggressiveness: must be a whole number from 1 to 5, not '6'"),
    ],
)
def test_options_out_of_range_are_refused(argument: str, why: str) -> None:
    with pytest.raises(CommandError, match=re.escape(why)):
        run(argument)
