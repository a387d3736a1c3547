"""Exactly once, whatever dies: the stack under real load and real faults, and a recount after.

The services run as their documented commands. Loaders and clients feed them without a pause while
processes are killed, stopped for a while, told to end and started again, at moments that a seed
chooses. What the clients were answered and the loaders reported is written down; at the end every
event of it must be in the ledger once, the dashboard must equal a recount, and everything must
still work. `make soak` runs it for minutes, `make test` for some seconds.
"""
