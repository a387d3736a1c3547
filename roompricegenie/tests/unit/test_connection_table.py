"""Which connection makes room for another, and whose request gets the next thread."""

from roompricegenie.gunicorn.connection_table import (
    Connection,
    ConnectionTable,
    Phase,
    RequestSlots,
)


def table_of(*phases: Phase, peer: str = "1.1.1.1") -> ConnectionTable:
    table = ConnectionTable()
    for number, phase in enumerate(phases):
        table.add(Connection(f"{peer} {number}", peer, phase))
    return table


def test_the_oldest_that_says_nothing_goes_first() -> None:
    phases = [Phase.RUNNING, Phase.QUEUED, Phase.IDLE, Phase.HEAD, Phase.HEAD, Phase.CLOSING]
    table = table_of(*phases)
    order = []
    while (oldest := table.oldest_without_thread(100, "1.1.1.1")) is not None:
        order.append(oldest.conn)
        table.remove(oldest)
    assert order == [f"1.1.1.1 {number}" for number in (5, 3, 4, 2, 1)]
    assert table.count("1.1.1.1") == len(table) == 1, "one that has a thread is never closed"


def test_a_new_connection_may_send_its_request_before_it_is_closed() -> None:
    table = table_of(Phase.QUEUED, Phase.HEAD, Phase.HEAD)
    queued, silent, new = table
    new.since = 99.5
    order = []
    while (oldest := table.oldest_without_thread(100, "1.1.1.1")) is not None:
        order.append(oldest)
        table.remove(oldest)
    assert order == [silent, queued, new]


def test_addresses_do_not_close_each_other_s() -> None:
    table = table_of(Phase.HEAD)
    assert table.oldest_without_thread(100, "2.2.2.2") is None
    assert table.oldest_without_thread(100) is not None


def test_further_requests_of_an_address_wait_in_order() -> None:
    started: list[str] = []

    def start(connection: Connection) -> None:
        connection.phase = Phase.RUNNING
        started.append(connection.conn)

    slots = RequestSlots(2, start)
    connections = [Connection(name, "p", client=name[0]) for name in ("a1", "a2", "a3", "a4", "b1")]
    for connection in connections:
        slots.take(connection)
    assert started == ["a1", "a2", "b1"], "another address does not wait"
    assert connections[2].phase is Phase.QUEUED
    connections[2].leave_queue()
    connections[0].release_slot()
    assert started == ["a1", "a2", "b1", "a4"]
    for connection in (connections[1], connections[3], connections[4]):
        connection.release_slot()
    assert not slots._running and not slots._queues, "nothing is kept of addresses that left"


def test_no_limit_and_no_address_start_at_once() -> None:
    started: list[Connection] = []
    unlimited, limited = RequestSlots(0, started.append), RequestSlots(1, started.append)
    for _ in range(3):
        unlimited.take(Connection("x", "p", client="a"))
        limited.take(Connection("x", None))
    assert len(started) == 6
