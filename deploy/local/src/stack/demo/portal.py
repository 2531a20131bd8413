"""The district's portal as the demo plays it: calls the platform over HTTP, patiently and never twice."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self, TypeVar

import requests

from stack.http import direct_session

Item = TypeVar("Item")
Result = TypeVar("Result")

#: token(subject, role, students or None) -> bearer token.
Token = Callable[[str, str, list[str] | None], str]

TIMEOUT_S = 30.0
#: How long a call is tried again while a service is away; one that is restarted is back sooner.
PATIENCE_S = 60.0
PAUSE_S = 0.5
WORKERS = 6
PAGE = 500
_AWAY = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


@dataclass(frozen=True)
class Caller:
    """Who calls: a subject and a role."""

    subject: str
    role: str


OFFICE = Caller("demo-office", "district_admin")
PORTAL = Caller("demo-portal", "portal")


class RefusedError(RuntimeError):
    """The platform refused a call, or was away for too long; the text says which and why."""


class Portal:
    """Calls the platform for anybody; may be used by several threads at once.

    A call is repeated while its service is away. That is safe because every write carries a key of its own,
    which is the same each time the demo runs.
    """

    def __init__(
        self,
        gateway_url: str,
        token: Token,
        *,
        patience_s: float = PATIENCE_S,
        open_session: Callable[[], requests.Session] = direct_session,
    ) -> None:
        self._url = gateway_url
        self._token = token
        self._patience_s = patience_s
        self._open_session = open_session
        self._tokens: dict[Caller, str] = {}
        self._local = threading.local()
        self._sessions: list[requests.Session] = []

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close its connections."""
        for session in self._sessions:
            session.close()

    def get(self, path: str, *, who: Caller = OFFICE, **query: str) -> Any:
        """Return the JSON of an address.

        Raises:
            RefusedError: if it is refused.
        """
        return self._call("GET", path, who, params=query).json()

    def items(self, path: str, *, who: Caller = OFFICE, **query: str) -> list[dict[str, Any]]:
        """Return everything in a list, page by page."""
        found: list[dict[str, Any]] = []
        cursor: dict[str, str] = {}
        while True:
            page = self.get(path, who=who, limit=str(PAGE), **query, **cursor)
            found.extend(page["items"])
            if page["next_cursor"] is None:
                return found
            cursor = {"cursor": page["next_cursor"]}

    def content(self, path: str, *, who: Caller) -> bytes:
        """Return the bytes of an address."""
        return self._call("GET", path, who).content

    def put(self, path: str, body: Mapping[str, Any], *, key: str, who: Caller = OFFICE) -> None:
        """Put a document; a service that has not yet heard whom it is about is waited for."""
        self._call(
            "PUT", path, who, json=body, headers={"Idempotency-Key": key}, wait_for=HTTPStatus.NOT_FOUND
        )

    def post(
        self, path: str, body: Mapping[str, Any], *, key: str, who: Caller = OFFICE, wait_for: int = 0
    ) -> Any:
        """Post a document and return the answer; None if there is nothing to say.

        Args:
            path: where.
            body: what.
            key: of the write.
            who: the caller.
            wait_for: a status that is waited for to go away: the service has not yet heard of the caller.
        """
        headers = {"Idempotency-Key": key}
        answer = self._call("POST", path, who, json=body, headers=headers, wait_for=wait_for)
        return None if answer.status_code == HTTPStatus.NO_CONTENT else answer.json()

    def upload(self, path: str, form: Mapping[str, str], file: tuple[str, bytes, str], *, key: str) -> Any:
        """Upload a file (name, content, media type) with a form, and return the answer."""
        headers = {"Idempotency-Key": key}
        return self._call("POST", path, PORTAL, data=form, files={"file": file}, headers=headers).json()

    def _call(
        self,
        method: str,
        path: str,
        who: Caller,
        *,
        headers: Mapping[str, str] | None = None,
        wait_for: int = 0,
        **content: Any,
    ) -> requests.Response:
        signed = {**(headers or {}), "Authorization": f"Bearer {self._bearer(who)}"}
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                answer = self._session().request(
                    method, f"{self._url}{path}", headers=signed, timeout=TIMEOUT_S, **content
                )
            except (requests.ConnectionError, requests.Timeout) as error:
                reason, again = type(error).__name__, True
            else:
                if answer.ok:
                    return answer
                again = answer.status_code in _AWAY or answer.status_code == wait_for
                reason = f"{answer.status_code} {answer.text[:500]}"
            if not again or time.monotonic() > deadline:
                raise RefusedError(f"{method} {path} as {who.role}: {reason}")
            time.sleep(PAUSE_S)

    def _bearer(self, who: Caller) -> str:
        if who not in self._tokens:
            self._tokens[who] = self._token(who.subject, who.role, None)
        return self._tokens[who]

    def _session(self) -> requests.Session:
        """Return this thread's session; requests' sessions are not for several threads."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = self._open_session()
            self._sessions.append(session)
        return session


def concurrently(
    work: Callable[[Item], Result], items: Iterable[Item], *, done: Callable[[Result], None]
) -> None:
    """Do a work for each item, a few at a time, and tell of each result as it comes.

    The first failure, or Ctrl-C, leaves out what has not begun.
    """
    with ThreadPoolExecutor(WORKERS) as pool:
        futures = [pool.submit(work, item) for item in items]
        try:
            for future in as_completed(futures):
                done(future.result())
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class MissingError(TimeoutError):
    """Something did not come in time; the text says what."""


def wait_for(what: str, missing: Callable[[], str], *, timeout_s: float) -> None:
    """Wait until nothing is missing any more.

    Args:
        what: is waited for, for the error's text.
        missing: says what is missing now; empty when nothing is.
        timeout_s: how long to wait.

    Raises:
        MissingError: when the time is over, with what is still missing.
    """
    deadline = time.monotonic() + timeout_s
    while said := missing():
        if time.monotonic() > deadline:
            raise MissingError(f"{what}: after {timeout_s:.0f} s there still lacks: {said}")
        time.sleep(PAUSE_S)


def few(things: Collection[str], most: int = 3) -> str:
    """Return how many things there are, with a few of them by name; nothing for none."""
    if not things:
        return ""
    named = ", ".join(sorted(things)[:most])
    return f"{len(things)} ({named}{', …' if len(things) > most else ''})"
