"""A district writes versions of its rubrics over HTTP: all of one or nothing, and never one in force."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import requests
from tests.integration.scoring.scoring_district import District

from stack import testing

Send = Callable[..., requests.Response]

SKILL = "effective-communicator"
VERSIONS = "/v1/rubrics/versions"
NEXT_YEAR = (datetime.now(UTC) + timedelta(days=365)).date().isoformat()


@pytest.fixture
def send(scoring: testing.ServiceAddress, district: District) -> Send:
    """Send one request as somebody of the district, the admin by default."""

    def sent(method: str, path: str, *, role: str = "district_admin", **request: Any) -> requests.Response:
        headers = {
            "Authorization": f"Bearer {scoring.token(district.id(role), role, None, district.name)}",
            "Idempotency-Key": uuid4().hex,
            **request.pop("headers", {}),
        }
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, f"{scoring.url}{path}", headers=headers, timeout=20, **request)

    return sent


@pytest.fixture
def filed(send: Send) -> dict[str, Any]:
    """Return what comes with the platform, as one may send it."""
    found = send("GET", f"{VERSIONS}/2026.1").json()
    return {name: found[name] for name in ("title", "skills", "rubrics", "crosswalks")}


def _ok(answer: requests.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def _errors(answer: requests.Response) -> dict[str, str]:
    assert answer.status_code == 422, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    return {each["field"]: each["reason"] for each in answer.json()["errors"]}


def test_a_version_is_drafted_published_and_then_fixed(send: Send, filed: dict[str, Any]) -> None:
    drafted = _ok(send("PUT", f"{VERSIONS}/2027.1", json=filed))
    published = _ok(send("PUT", f"{VERSIONS}/2027.1/publication", json={"effective": NEXT_YEAR}))

    assert (drafted["state"], drafted["effective"]) == ("draft", None)
    assert (published["state"], published["effective"]) == ("published", NEXT_YEAR)
    assert [each["what"] for each in published["history"]] == ["drafted", f"published from {NEXT_YEAR}"]
    again = send("PUT", f"{VERSIONS}/2027.1", json=filed)
    assert again.status_code == 409
    assert "a change is a version of its own" in again.json()["detail"]
    shown = _ok(send("GET", "/v1/rubrics", role="student", params={"version": "2027.1", "grade": "5"}))
    assert {each["version"] for each in shown["items"]} == {"2027.1"}
    assert len(shown["items"]) == 5
    in_force = _ok(send("GET", "/v1/rubrics", role="scorer", params={"skill_id": SKILL}))
    assert {each["version"] for each in in_force["items"]} == {"2026.1"}
    [listed] = _ok(send("GET", VERSIONS))["items"]
    assert listed["version"] == "2027.1"


def test_a_published_version_is_recalled_while_it_is_not_in_force(send: Send, filed: dict[str, Any]) -> None:
    _ok(send("PUT", f"{VERSIONS}/2027.1", json=filed))
    today = datetime.now(UTC).date().isoformat()
    early = send("PUT", f"{VERSIONS}/2027.1/publication", json={"effective": today})
    assert _errors(early) == {"effective": "a version comes into force on a later day than today"}
    _ok(send("PUT", f"{VERSIONS}/2027.1/publication", json={"effective": NEXT_YEAR}))

    recalled = _ok(send("DELETE", f"{VERSIONS}/2027.1/publication"))

    assert recalled["state"] == "draft"
    assert send("GET", "/v1/rubrics", params={"version": "2027.1"}).status_code == 404


def test_the_version_of_the_files_is_not_written_over(send: Send, filed: dict[str, Any]) -> None:
    assert send("PUT", f"{VERSIONS}/2026.1", json=filed).status_code == 409
    assert send("DELETE", f"{VERSIONS}/2026.1/publication").status_code == 404


def test_only_the_districts_admin_writes_and_scorers_see_no_drafts(send: Send, filed: dict[str, Any]) -> None:
    for role in ("coordinator", "scorer", "guardian"):
        assert send("PUT", f"{VERSIONS}/2027.1", role=role, json=filed).status_code == 403
    assert send("GET", f"{VERSIONS}/2026.1", role="scorer").status_code == 403


def test_every_fault_is_named_and_nothing_is_kept(send: Send, filed: dict[str, Any]) -> None:
    first, *others = filed["rubrics"]
    del first["criteria"][0]["descriptors"][2]
    twice = {**filed, "rubrics": [first, first, *others]}

    errors = _errors(send("PUT", f"{VERSIONS}/2027.1", json=twice))

    assert errors["rubrics.0.criteria.0.descriptors"] == "level 3 is missing"
    assert "stands at rubrics.0 already" in errors["rubrics.1.rubric_id"]
    assert send("GET", f"{VERSIONS}/2027.1").status_code == 404


def test_case_goes_out_and_comes_back_with_its_crosswalks(send: Send, filed: dict[str, Any]) -> None:
    ref = {"rubric_id": f"{SKILL}-k-5", "criterion_id": "message"}
    other = {**ref, "criterion_id": "craft"}
    _ok(send("PUT", f"{VERSIONS}/2027.1", json=filed))
    links = [{"old": ref, "new": other, "relation": "replaced"}]
    body = {"crosswalks": [{"from_version": "2026.1", "links": links}]}
    _ok(send("PUT", f"{VERSIONS}/2027.1/crosswalks", json=body))
    package = _ok(send("GET", f"{VERSIONS}/2027.1/case"))

    _ok(send("PUT", f"{VERSIONS}/2027.1/case", json=package))

    shown = _ok(send("GET", f"{VERSIONS}/2027.1"))
    assert shown["crosswalks"] == body["crosswalks"]
    assert shown["rubrics"] == filed["rubrics"]
    assert shown["skills"] == filed["skills"]
    carried = _ok(
        send(
            "POST",
            "/v1/rubrics/crosswalk",
            params={"from_version": "2026.1", "to_version": "2027.1"},
            json={"levels": [{"old": ref, "level": 3}, {"old": other, "level": 2}]},
        )
    )
    assert carried == {
        "levels": [{"new": other, "given": [{"old": ref, "level": 3}]}],
        "left": [other],
    }


def test_a_wrong_case_package_is_refused_with_places_and_reasons(send: Send) -> None:
    package = _ok(send("GET", f"{VERSIONS}/2026.1/case"))
    skill, criterion = package["CFItems"][0], package["CFItems"][5]
    circle = {**package["CFAssociations"][0]}
    circle["destinationNodeURI"] = {**circle["destinationNodeURI"], "identifier": criterion["identifier"]}
    wrong: list[tuple[dict[str, Any], str, str]] = [
        ({"CFDocument": {**package["CFDocument"], "caseVersion": "1.0"}}, "CFDocument.caseVersion", "1.1"),
        ({"CFItems": [*package["CFItems"], skill]}, "CFItems.65.identifier", "CFItems.0 has it already"),
        ({"CFItems": package["CFItems"][1:]}, "CFAssociations.0.originNodeURI", "no such item"),
        ({"CFAssociations": [circle, *package["CFAssociations"][1:]]}, "CFAssociations.0", "in a circle"),
    ]
    assert criterion["CFItemType"] == "Criterion"
    for change, field, reason in wrong:
        errors = _errors(send("PUT", f"{VERSIONS}/2027.1/case", json={**package, **change}))
        assert reason in errors[field]
    del package["CFRubrics"][0]["CFRubricCriteria"][0]["CFRubricCriterionLevels"][3]
    errors = _errors(send("PUT", f"{VERSIONS}/2027.1/case", json=package))
    assert errors == {"rubrics.0.criteria.0.descriptors": "level 4 is missing"}
    assert send("GET", f"{VERSIONS}/2027.1").status_code == 404


def test_a_table_goes_out_and_comes_back(send: Send, filed: dict[str, Any]) -> None:
    table = send("GET", f"{VERSIONS}/2026.1/csv")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8"
    taken = {"params": {"title": filed["title"]}, "headers": {"Content-Type": "text/csv"}}

    _ok(send("PUT", f"{VERSIONS}/2027.1/csv", data=table.content, **taken))

    shown = _ok(send("GET", f"{VERSIONS}/2027.1"))
    assert len(shown["rubrics"]) == 15
    rows = table.text.splitlines()
    rows[3] = rows[3].replace(",3,", ",2,", 1)
    errors = _errors(send("PUT", f"{VERSIONS}/2027.2/csv", data="\n".join(rows).encode(), **taken))
    assert errors == {"row 4, column level": "row 3 has this level already"}
    no_text = send("PUT", f"{VERSIONS}/2027.2/csv", data=b"\xff", **taken)
    assert _errors(no_text) == {"body": "is no UTF-8 at byte 0"}
    wrong_type = send("PUT", f"{VERSIONS}/2027.2/csv", data=b"x", params=taken["params"])
    assert _errors(wrong_type) == {"Content-Type": "must be text/csv"}
