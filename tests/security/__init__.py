"""`python -m tests.security`: what a penetration trial does, against a running stack.

Each `trial_N_….py` has one number of the trial: `run(stack)` does it and returns what it found. A
new module is found by its name.
"""
