"""Who takes part: how each is started, what its messages look like, and with which settings."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from messaging import job
from messaging.pipeline import Outgoing

HERE = Path(__file__).parent
PYTHONPATH = f"{HERE.parent}:{HERE / 'services'}"

Encode = Callable[[str], Outgoing]


def plain_json(thing_id: str) -> Outgoing:
    """Return the event as plain JSON."""
    return Outgoing(job.encoded(job.event(thing_id)), {"content_type": "application/json"})


def cloud_event(thing_id: str) -> Outgoing:
    """Return the event as the platform sends it."""
    wire = job.event(thing_id)
    properties = {
        "content_type": "application/cloudevents+json",
        "message_id": wire["id"],
        "type": job.EVENT,
    }
    return Outgoing(job.encoded(wire), properties)


def celery_task(thing_id: str) -> Outgoing:
    """Return the event as a task of Celery's second protocol."""
    wire = job.event(thing_id)
    task_id = wire["id"]
    headers = {
        "lang": "py",
        "task": "on_thing_happened",
        "id": task_id,
        "root_id": task_id,
        "retries": 0,
        "timelimit": [None, None],
        "ignore_result": True,
    }
    properties = {"content_type": "application/json", "content_encoding": "utf-8", "correlation_id": task_id}
    links = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}
    return Outgoing(json.dumps([[wire], {}, links]).encode(), properties, headers)


def dramatiq_message(thing_id: str) -> Outgoing:
    """Return the event as a message of Dramatiq."""
    wire = job.event(thing_id)
    message = {
        "queue_name": job.QUEUE,
        "actor_name": "on_thing_happened",
        "args": [wire],
        "kwargs": {},
        "options": {},
        "message_id": wire["id"],
        "message_timestamp": 1,
    }
    return Outgoing(json.dumps(message).encode())


@dataclass(frozen=True)
class Contender:
    """One way to do the job.

    Attributes:
        name: in the table and on the command line.
        argv: what to start, with `{concurrency}` filled in.
        concurrency: events that one process works at, at its best.
        notes: the settings, as the table tells them.
        encode: a thing to the message that waits in its queue.
        environment: variables besides those that all get.
        service: whether it is one of ours, with an HTTP port and keys.
    """

    name: str
    argv: tuple[str, ...]
    concurrency: int
    notes: str
    encode: Encode = plain_json
    environment: Mapping[str, str] = field(default_factory=dict)
    service: bool = False

    def command(self) -> tuple[str, ...]:
        """Return the command line."""
        return tuple(each.format(concurrency=self.concurrency) for each in self.argv)

    def variables(self) -> dict[str, str]:
        """Return its variables."""
        filled = {
            name: value.format(concurrency=self.concurrency) for name, value in self.environment.items()
        }
        return {"PYTHONPATH": PYTHONPATH, "CONCURRENCY": str(self.concurrency), **filled}

    def at(self, concurrency: int | None) -> Contender:
        """Return it with another concurrency."""
        return self if concurrency is None else replace(self, concurrency=concurrency)


def _module(name: str) -> tuple[str, ...]:
    return (sys.executable, "-m", name)


OURS = Contender(
    "backpack",
    _module("recorder"),
    400,
    "PREFETCH and MAX_WORKERS {concurrency}; contracts checked, state, inbox and outbox in one write",
    encode=cloud_event,
    environment={"PREFETCH": "{concurrency}", "MAX_WORKERS": "{concurrency}"},
    service=True,
)

NAMEKO = Contender(
    "nameko",
    _module("messaging.workers.plain_nameko"),
    50,
    "event_handler(requeue_on_error), EventDispatcher(mandatory, confirms), max_workers = prefetch = "
    "connection pool = {concurrency}",
)

CELERY = Contender(
    "celery",
    (
        *_module("celery"),
        *("-A", "messaging.workers.celery_app", "worker", "-P", "threads", "-c", "{concurrency}"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "WARNING", "-Q", job.QUEUE),
    ),
    20,
    "threads, concurrency {concurrency}, acks_late, prefetch multiplier 2, confirm_publish, pool of as many "
    "connections, no results, events, gossip, mingle or heartbeat",
    encode=celery_task,
)

DRAMATIQ = Contender(
    "dramatiq",
    (
        *_module("dramatiq"),
        "messaging.workers.dramatiq_app",
        "--processes",
        "1",
        "--threads",
        "{concurrency}",
        "--queues",
        job.QUEUE,
    ),
    16,
    "1 process, {concurrency} threads, confirm_delivery, of the middleware only Retries",
    encode=dramatiq_message,
)

FASTSTREAM = Contender(
    "faststream",
    _module("messaging.workers.faststream_app"),
    100,
    "uvloop, prefetch {concurrency}, NACK_ON_ERROR, no type injection, no log, pymongo's AsyncMongoClient",
)

LIMIT = Contender(
    "limit",
    _module("messaging.workers.limit"),
    100,
    "py-amqp and pymongo, batches of {concurrency}, prefetch twice that, pipelined confirms, one ack a batch",
)

ALL: Mapping[str, Contender] = {
    each.name: each for each in (OURS, NAMEKO, DRAMATIQ, FASTSTREAM, CELERY, LIMIT)
}


def notes(contender: Contender) -> str:
    """Return a contender's settings in words."""
    return contender.notes.format(concurrency=contender.concurrency)


def chosen(names: str) -> list[Contender]:
    """Return contenders by name, `name` or `name:concurrency`, comma-separated.

    Raises:
        KeyError: if there is none of a name.
    """
    found = []
    for each in names.split(","):
        name, _, concurrency = each.partition(":")
        found.append(ALL[name].at(int(concurrency) if concurrency else None))
    return found


def variables_of(contender: Contender, extra: Mapping[str, Any]) -> dict[str, str]:
    """Return all that a worker finds in its environment."""
    return {**contender.variables(), **{name: str(value) for name, value in extra.items()}}
