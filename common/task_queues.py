"""Runs of tasks that came through another queue than their own.

While a version is replaced, its scheduler sends tasks to the queues that it knows, and so may
people who name a queue. A run that could hold up what else waits there moves to its own queue.
"""

from celery import Task


def moves_to_own_queue(task: Task, expires_seconds: float) -> bool:
    """Send a run on to its task's own queue if it came through another; return whether it did.

    Args:
        task: the bound task that runs, without arguments.
        expires_seconds: when the schedule has sent another run; the one sent on is dropped then.
    """
    if task.request.called_directly:
        return False
    delivery_info: dict[str, str] = task.request.delivery_info or {}
    if delivery_info.get("routing_key") == own_queue(task):
        return False
    task.apply_async(expires=expires_seconds)
    return True


def has_worker_to_itself(task: Task) -> bool:
    """Return whether the worker in which a task runs takes tasks of its own queue only."""
    if task.request.called_directly:
        return True
    return set(task.app.amqp.queues.consume_from) == {own_queue(task)}


def own_queue(task: Task) -> str:
    """Return the queue that is set for a task."""
    routes: dict[str, dict[str, str]] = task.app.conf.task_routes
    route = routes.get(task.name)
    return route["queue"] if route else str(task.app.conf.task_default_queue)
