"""Soak test: the stack under real load and real faults, then a recount of every event.

`make run` and further workers run as on a server. Loaders and clients send events continuously
while processes are killed, suspended, terminated and restarted, and files are damaged, at times
that a seed chooses. Every event that a client got a success response for, or a loader reported as
queued, is remembered. At the end each of these events must be in the ledger exactly once, every
figure of the dashboard (counts, pickup, hours, revenue and pace) must equal a recount, and every
service must still work. Half of the hotels send rates, words, changes and second bookings; one
begins with it later. `make soak` runs it for minutes, `make test-long` for some seconds.
"""
