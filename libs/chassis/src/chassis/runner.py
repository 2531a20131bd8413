"""Runs one service in this process, and ends it without dropping what it has begun."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
from datetime import timedelta
from types import ModuleType
from typing import Any

import eventlet
import structlog
from nameko.runners import ServiceRunner

from chassis import logs, mongo, settings, topology
from chassis.auth import TokenVerifier
from chassis.container import Container
from chassis.declare import TopologyMismatchError
from chassis.errors import TransientError
from chassis.mongo import AggregateRepository
from chassis.mongo.collection import GroupedCollection
from chassis.mongo.grouping import Grouped
from chassis.outage import OUTAGE
from chassis.service import Service

log = structlog.get_logger()

#: A queue or exchange on the broker has other arguments; a person must decide.
EXIT_TOPOLOGY = 3

#: New objects until the garbage collector looks for cycles among them: some tens of events' worth.
_YOUNG_OBJECTS = 20_000

_STORE_WAITS_S = (0.5, 1, 2, 3)


def run(service: type[Service]) -> None:
    """Run a service until SIGTERM or SIGINT, then drain.

    A stop cancels the consumers, lets handlers and requests finish and acknowledge, and only then closes the
    connections. What has not finished within the drain's deadline is left to the broker, which hands it out
    again.
    """
    try:
        read = settings.read(service.settings_schema)
    except settings.SettingsError as error:
        sys.exit(f"{service.name}: {error}")
    logs.configure(service.name, log_format=read.log_format, level=read.log_level)
    GroupedCollection.together = Grouped
    AggregateRepository.replay_horizon = timedelta(days=read.replay_horizon_days)
    documents = importlib.import_module(f"{service.name}.documents")
    _open_store(documents, read)
    config = _config(service, read, documents)
    runner = ServiceRunner(config)
    runner.container_cls = Container
    runner.add_service(service)
    for received in (signal.SIGTERM, signal.SIGINT):
        signal.signal(received, lambda *_: eventlet.spawn_n(_drain, runner, config))
    runner.start()
    _collect_less()
    log.info("service_started", address=read.http_address)
    try:
        runner.wait()
    except TopologyMismatchError as error:
        log.critical("topology_mismatch", detail=str(error))
        sys.exit(EXIT_TOPOLOGY)
    log.info("service_stopped")


def _collect_less() -> None:
    """Let the garbage collector leave alone what lives as long as the process, and come by less often.

    Python looks for cycles after every 700 new objects, which is several times an event, and goes through all
    that was imported again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS, *gc.get_threshold()[1:])


def _config(service: type[Service], read: settings.ChassisSettings, documents: ModuleType) -> dict[str, Any]:
    """Return what nameko and our extensions look up in the container."""
    return {
        "AMQP_URI": read.amqp_url,
        "WEB_SERVER_ADDRESS": read.http_address,
        "max_workers": read.max_workers,
        "PREFETCH": read.prefetch,
        "SETTINGS": read,
        "TOPOLOGY": topology.producers()
        | topology.of_service(service.name, service.handlers(), read.retry_delays_s),
        "TOKENS": TokenVerifier(
            jwks_file=read.jwks_file,
            jwks_url=read.jwks_url,
            issuer=read.jwt_issuer,
            audience=read.jwt_audience,
        ),
        "DOCUMENTS": documents,
        "DRAINING": False,
    }


def _open_store(documents: ModuleType, read: settings.ChassisSettings) -> None:
    """Connect, and wait for the store: it may start after us."""
    mongo.connect(read.mongo_url, read.mongo_database)
    for attempt in range(sys.maxsize):
        try:
            with mongo.translated():
                mongo.create_indexes(documents)
        except TransientError as error:
            log.warning("document_store_out_of_reach", error=str(error))
            eventlet.sleep(_STORE_WAITS_S[min(attempt, len(_STORE_WAITS_S) - 1)])
        else:
            return


def _drain(runner: ServiceRunner, config: dict[str, Any]) -> None:
    if config["DRAINING"]:
        return
    config["DRAINING"] = True
    log.info("service_draining")
    OUTAGE.stop()
    try:
        with eventlet.Timeout(config["SETTINGS"].drain_timeout_s):
            runner.stop()
    except eventlet.Timeout as timeout:
        log.error("drain_deadline_passed", deadline_s=timeout.seconds)  # noqa: TRY400 - there is no fault to trace
        # Whatever is still running hangs; what it holds is unacknowledged and comes back.
        os._exit(1)
