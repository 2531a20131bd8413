"""Asking the parts of the stack over HTTP."""

from __future__ import annotations

from typing import Any

import requests

TIMEOUT_S = 15.0


def direct_session() -> requests.Session:
    """Return a session that ignores the machine's proxy settings, which are not for loopback."""
    session = requests.Session()
    session.trust_env = False
    return session


def answers(url: str) -> bool:
    """Tell whether an address answers with success."""
    try:
        with direct_session() as session:
            return session.get(url, timeout=TIMEOUT_S).ok
    except requests.RequestException:
        return False


def ask(url: str, **query: str) -> dict[str, Any]:
    """Return the JSON object that a part of ours answers with.

    Raises:
        requests.RequestException: if it does not answer, or refuses.
    """
    with direct_session() as session:
        answer = session.get(url, params=query, timeout=TIMEOUT_S)
    answer.raise_for_status()
    return dict(answer.json())
