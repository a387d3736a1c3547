"""The penetration trial, on stacks of its own: `python -m tests.security` runs the same."""

import pytest

from tests.security.__main__ import try_stack
from tests.security.stack import own_stack


@pytest.mark.long
@pytest.mark.trial
@pytest.mark.parametrize("mode", ["open", "closed"])
def test_a_penetration_trial_finds_nothing(mode: str) -> None:
    with own_stack(mode) as stack:
        assert try_stack(stack) == []
