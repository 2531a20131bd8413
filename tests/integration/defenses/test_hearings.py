"""Hearings over HTTP, against the real store, to the events that say what came of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.integration.defenses.defenses_world import Caller, World, eventually
from tests.unit.defenses.defenses_examples import defense
from tests.unit.defenses.hearing_examples import OFFICE, RULE, Court
from tests.unit.defenses.hearing_examples import marks as marks_of_court

from chassis import mongo
from chassis.errors import NotFoundError
from chassis.outbox import UnitOfWork
from contracts.defenses import (
    HEARING_OPENED,
    HEARING_RESCORED,
    OUTCOME_DECIDED,
    OUTCOME_RELEASED,
    REDEFENSE_REQUESTED,
    ROUND_CLOSED,
    SHEET_SUBMITTED,
)
from defenses.domain.defenses import PanelSeat
from defenses.domain.hearings.hearing import Hearing
from defenses.domain.hearings.outcomes import Rescoring
from defenses.domain.hearings.records import Correction
from defenses.domain.hearings.redefenses import PlanStep
from defenses.repository import Defenses, Hearings
from defenses.use_cases.hearings.judging import adjourn, record_absence
from defenses.use_cases.hearings.opening import open_redefense
from defenses.use_cases.hearings.records import correct, plan, rescore
from stack.testing import RelayAddress, ServiceAddress

INDICATORS = ("claim", "evidence", "reflection", "growth", "delivery")
PANEL = ("t-1", "t-2", "x-1")
PERSON = Callable[..., Caller]


@pytest.fixture
def fast_policy(fast_policy: Path) -> Path:
    """Every hearing is scored again, and the indicators have names."""
    rule = {
        "version": "1",
        "effective": "2020-07-01",
        "indicators": INDICATORS,
        "scale": {"lowest": 1, "highest": 4},
        "cut": 2.5,
        "floor": 2,
        "compensation": None,
        "apart": 2,
        "quorum": 2,
        "calibration_required": False,
        "release_at_once": False,
        "plan_within_school_days": 5,
        "redefense_within_school_days": 20,
        "no_school": [],
        "rescoring": {"rate": 1, "split": True},
    }
    (fast_policy / "jcps" / "outcome.json").write_text(json.dumps([rule]))
    return fast_policy


@pytest.fixture
def person(defenses: ServiceAddress) -> PERSON:
    def called(subject: str, role: str, students: list[str] | None = None, district: str = "jcps") -> Caller:
        return Caller(defenses.url, defenses.token(subject, role, students, district))

    return called


@pytest.fixture
def own_store(defenses: ServiceAddress, mongo_url: str, database: str) -> Iterator[None]:
    """The service's own store, beside the service."""
    mongo.connect(mongo_url, f"{database}_defenses")
    yield
    mongo.disconnect()


@pytest.fixture
def scheduled(own_store: None) -> str:
    """A defense of the student s-9 at the school east before three people."""
    found = defense("d-1", panel=tuple(PanelSeat(each, "teacher") for each in PANEL))
    Defenses(work("schedule")).change("d-1", lambda _: (found, ()))
    return found.defense_id


def work(cause: str = "test", students: frozenset[str] | None = None) -> UnitOfWork:
    return UnitOfWork(district="jcps", cause=cause, students=students)


def marks(level: int = 3, **levels: int) -> list[dict[str, Any]]:
    return [
        {"indicator_id": each, "level": levels.get(each, level), "note": f"{each} seen"}
        for each in INDICATORS
    ]


def sheet(panelist: Caller, hearing_id: str, given: list[dict[str, Any]], round_number: int = 1) -> Any:
    answer = panelist.put(f"/v1/hearings/{hearing_id}/sheet", {"round": round_number, "marks": given})
    assert answer.status_code == 200, answer.text
    return answer.json()


def opened(caller: Caller, defense_id: str, *, key: str = "") -> dict[str, Any]:
    answer = caller.send("POST", "/v1/hearings", {"defense_id": defense_id}, key=key)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def judged(person: PERSON, defense_id: str, given: list[dict[str, Any]]) -> str:
    """Let the whole panel say the same, and return the hearing's id."""
    hearing_id: str = opened(person("o-1", "coordinator"), defense_id)["hearing_id"]
    for panelist_id in PANEL:
        sheet(person(panelist_id, "panelist"), hearing_id, given)
    return hearing_id


def test_a_student_is_heard_twice_and_then_through(
    world: World, person: PERSON, relay: Callable[..., RelayAddress], scheduled: str
) -> None:
    relay("defenses")
    office, family = person("o-1", "coordinator"), person("g-1", "guardian", ["s-9"])
    panel = {each: person(each, "panelist") for each in PANEL}
    first = opened(panel["t-1"], scheduled)["hearing_id"]
    for panelist_id, level in zip(PANEL[:2], (1, 2), strict=True):
        sheet(panel[panelist_id], first, marks(3, growth=level))
    seen = sheet(panel["x-1"], first, marks(3, growth=3))
    assert (seen["state"], seen["round"], seen["rounds"][0]["apart"]) == ("open", 2, ["growth"])
    for panelist_id in PANEL[:2]:
        sheet(panel[panelist_id], first, marks(3, growth=2), 2)
    decided = sheet(panel["x-1"], first, marks(3, growth=2), 2)

    assert (decided["state"], decided["records"][0]["status"]) == ("decided", "NOT_YET")
    assert decided["records"][0]["redefense"]["indicators"] == ["growth"]
    assert family.items("/v1/outcomes") == []
    assert family.get(f"/v1/outcomes/{first}").status_code == 404
    assert office.send("POST", f"/v1/hearings/{first}/release", {"version": 1}).status_code == 200
    [outcome] = family.items("/v1/outcomes")
    assert outcome == family.get(f"/v1/outcomes/{first}").json()
    assert (outcome["status"], outcome["unmet"]) == ("NOT_YET", ["growth"])
    assert outcome["feedback"][3] == {"indicator_id": "growth", "notes": ["growth seen"] * 3}
    assert not any(each in json.dumps(outcome) for each in PANEL)

    [due] = office.items("/v1/redefenses", school_id="east")
    assert (due["hearing_id"], due["indicators"], due["answer"]) == (first, ["growth"], None)
    steps = [{"indicator_id": "growth", "step": "Collect two drafts."}]
    planned = office.put(f"/v1/redefenses/{first}/plan", {"version": 1, "steps": steps})
    assert planned.status_code == 200, planned.text
    assert family.get(f"/v1/outcomes/{first}").json()["plan"]["steps"] == steps
    path = f"/v1/redefenses/{first}/hearings"
    same = office.send("POST", path, {"panel": [{"panelist_id": each, "role": "teacher"} for each in PANEL]})
    assert (same.status_code, same.json()["errors"][0]["field"]) == (409, "panel")
    others = [{"panelist_id": each, "role": "teacher"} for each in ("t-7", "t-8")]
    second = office.send("POST", path, {"panel": others, "form": "remote"}).json()
    sheet(person("t-7", "teacher"), second["hearing_id"], [marks(3)[3]])
    answer = sheet(person("t-8", "teacher"), second["hearing_id"], [marks(3)[3]])
    assert (answer["attempt"], answer["follows"], answer["records"][0]["status"]) == (2, first, "READY")
    [due] = office.items("/v1/redefenses", school_id="east")
    assert (due["answer"], due["answer_state"]) == (second["hearing_id"], "decided")

    def said() -> bool:
        return len(world.heard(OUTCOME_DECIDED)) == 2 and bool(world.heard(OUTCOME_RELEASED))

    assert eventually(said)
    counts = (HEARING_OPENED, SHEET_SUBMITTED, ROUND_CLOSED, REDEFENSE_REQUESTED)
    assert [len(world.heard(each)) for each in counts] == [2, 8, 3, 1]
    requested = REDEFENSE_REQUESTED.load(world.heard(REDEFENSE_REQUESTED)[0].data)
    assert requested.excluded_panelist_ids == PANEL


def test_nobody_sees_anothers_sheet_before_all_are_in(person: PERSON, scheduled: str) -> None:
    office = person("o-1", "coordinator")
    panel = [person(each, "panelist") for each in PANEL]
    hearing_id = opened(office, scheduled)["hearing_id"]
    sheet(panel[0], hearing_id, marks(2))

    def shown(caller: Caller) -> list[str]:
        found = caller.get(f"/v1/hearings/{hearing_id}").json()
        assert found == caller.items("/v1/hearings")[0]
        assert found["submitted"] == ["t-1"]
        return [mark["indicator_id"] for each in found["sheets"] for mark in each["marks"]]

    assert [shown(each) for each in (*panel, office)] == [list(INDICATORS), [], [], []]
    assert person("t-9", "panelist").get(f"/v1/hearings/{hearing_id}").status_code == 404
    assert person("t-9", "panelist").items("/v1/hearings") == []
    assert person("g-1", "guardian", ["s-9"]).get(f"/v1/hearings/{hearing_id}").status_code == 403
    assert person("o-1", "coordinator", None, "other").get(f"/v1/hearings/{hearing_id}").status_code == 404


def test_sheets_that_come_at_once_close_the_round_once(
    world: World, person: PERSON, relay: Callable[..., RelayAddress], scheduled: str
) -> None:
    relay("defenses")
    hearing_id = opened(person("o-1", "coordinator"), scheduled)["hearing_id"]
    panel = [person(each, "panelist") for each in PANEL]

    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda panelist: sheet(panelist, hearing_id, marks()), panel * 2))

    found = panel[0].get(f"/v1/hearings/{hearing_id}").json()
    assert (found["state"], len(found["sheets"]), len(found["records"])) == ("decided", 3, 1)
    assert eventually(lambda: world.heard(OUTCOME_DECIDED))
    assert [len(world.heard(each)) for each in (SHEET_SUBMITTED, ROUND_CLOSED, OUTCOME_DECIDED)] == [3, 1, 1]


def test_wrong_sheets_and_strangers_are_refused_by_name_of_the_field(person: PERSON, scheduled: str) -> None:
    hearing_id = opened(person("o-1", "coordinator"), scheduled, key="one")["hearing_id"]
    path = f"/v1/hearings/{hearing_id}/sheet"
    panelist = person("t-1", "panelist")

    def refused(answer: Any) -> tuple[int, list[str]]:
        assert answer.headers["Content-Type"] == "application/problem+json"
        return answer.status_code, [each["field"] for each in answer.json().get("errors", [])]

    wrong = [*marks(3, claim=5)[:4], {"indicator_id": "height", "level": 2}]
    assert refused(panelist.put(path, {"round": 1, "marks": wrong})) == (
        422,
        ["marks.0.level", "marks.4.indicator_id", "marks"],
    )
    assert refused(panelist.put(path, {"round": 2, "marks": marks()})) == (409, ["round"])
    assert refused(person("t-9", "panelist").put(path, {"round": 1, "marks": marks()})) == (403, [])
    sheet(panelist, hearing_id, marks())
    sheet(panelist, hearing_id, marks())
    assert refused(panelist.put(path, {"round": 1, "marks": marks(4)})) == (409, ["marks"])
    short = {"panelist_ids": ["t-2", "x-1"], "reason": "Ill."}
    office = person("o-1", "coordinator")
    assert refused(office.send("POST", f"/v1/hearings/{hearing_id}/absences", short)) == (
        409,
        ["panelist_ids"],
    )
    assert refused(office.send("POST", "/v1/hearings", {"defense_id": "d-9"})) == (404, ["defense_id"])
    assert refused(office.send("POST", "/v1/hearings", {"defense_id": scheduled}))[0] == 409
    assert opened(office, scheduled, key="one")["hearing_id"] == hearing_id


def test_absences_and_adjournments_are_recorded_and_a_sitting_is_repeated(
    person: PERSON, scheduled: str
) -> None:
    office = person("o-1", "coordinator")
    first = opened(office, scheduled)["hearing_id"]
    ended = office.send(
        "POST",
        f"/v1/hearings/{first}/adjournment",
        {"cause": "student_absent", "reason": "The bus did not come."},
    ).json()
    second = opened(office, scheduled)
    for panelist_id in PANEL[:2]:
        sheet(person(panelist_id, "panelist"), second["hearing_id"], marks())
    gone = office.send(
        "POST",
        f"/v1/hearings/{second['hearing_id']}/absences",
        {"panelist_ids": ["x-1"], "reason": "Ill."},
    ).json()

    assert (ended["state"], ended["ending"]["reason"]) == ("adjourned", "The bus did not come.")
    assert (second["sitting"], second["attempt"]) == (2, 1)
    assert (gone["state"], gone["panel"][2]["absence"]) == ("decided", "Ill.")
    assert gone["rounds"][0]["counted"] == ["t-1", "t-2"]


def test_a_correction_supersedes_and_the_old_record_stays(person: PERSON, scheduled: str) -> None:
    office = person("o-1", "coordinator")
    hearing_id = judged(person, scheduled, marks(3, claim=2))
    path = f"/v1/hearings/{hearing_id}/corrections"
    sheets = [{"panelist_id": each, "marks": marks(3)} for each in PANEL[:2]]
    body = {"version": 1, "reason": "The levels were swapped.", "sheets": sheets}

    corrected = office.send("POST", path, body, key="fix").json()
    again = office.send("POST", path, body, key="fix").json()
    stale = office.send("POST", path, body)

    assert [each["status"] for each in corrected["records"]] == ["NOT_YET", "READY"]
    assert (corrected["records"][1]["by"], corrected["records"][1]["version"]) == ("o-1", 2)
    assert again == corrected
    assert (stale.status_code, stale.json()["errors"][0]["field"]) == (409, "version")
    assert office.items("/v1/outcomes", student_id="s-9", status="READY")[0]["version"] == 2
    assert office.items("/v1/redefenses", school_id="east") == []
    annulled = office.send(
        "POST", f"/v1/hearings/{hearing_id}/annulment", {"version": 2, "reason": "The panel was not neutral."}
    ).json()
    assert (annulled["state"], len(annulled["records"])) == ("annulled", 2)
    assert opened(office, scheduled)["sitting"] == 2


def test_a_central_scorer_sees_no_levels_and_changes_no_outcome(
    world: World, person: PERSON, relay: Callable[..., RelayAddress], scheduled: str
) -> None:
    relay("defenses")
    scorer = person("c-1", "scorer")
    hearing_id = judged(person, scheduled, marks(3))

    assert scorer.items("/v1/rescorings") == [
        {
            "hearing_id": hearing_id,
            "transition": "5",
            "form": "in_person",
            "indicators": list(INDICATORS),
        }
    ]
    compared = scorer.put(f"/v1/rescorings/{hearing_id}", {"marks": marks(2)}).json()

    assert (compared["status"], compared["same_status"]) == ("NOT_YET", False)
    assert {each["levels"] for each in compared["differences"]} == {-1.0}
    assert scorer.items("/v1/rescorings") == []
    assert person("a-1", "district_admin").items("/v1/comparisons", school_id="east") == [compared]
    assert person("o-1", "coordinator").get("/v1/comparisons").status_code == 403
    assert person("o-1", "coordinator").get(f"/v1/outcomes/{hearing_id}").json()["status"] == "READY"
    assert eventually(lambda: world.heard(HEARING_RESCORED))
    assert scorer.get(f"/v1/hearings/{hearing_id}").status_code == 403


def test_who_is_calibrated_is_the_district_administrators_to_say(person: PERSON) -> None:
    administrator, office = person("a-1", "district_admin"), person("o-1", "coordinator")
    body = {"valid_until": "2027-06-30", "basis": "Calibration set 4"}
    path = "/v1/panelists/t-1/calibration"

    assert office.put(path, body).status_code == 403
    assert office.get(path).status_code == 404
    recorded = administrator.put(path, body)

    assert recorded.status_code == 200, recorded.text
    assert office.get(path).json() == recorded.json()
    assert (recorded.json()["recorded_by"], recorded.json()["valid_until"]) == ("a-1", "2027-06-30")
    assert administrator.put(path, {**body, "valid_until": None}).json()["valid_until"] is None


def test_hearings_come_back_as_they_were_kept(own_store: None) -> None:
    for number, hearing in enumerate(_every_kind_of_hearing()):
        kept = replace(hearing, hearing_id=f"h-{number}")

        def keep(_: object, value: Hearing = kept) -> tuple[Hearing, tuple[()]]:
            return value, ()

        Hearings(work(f"keep-{number}")).change(kept.hearing_id, keep)

        assert Hearings(work()).get(kept.hearing_id) == kept
        assert Hearings(work(students=frozenset({"s-9"}))).get(kept.hearing_id) == kept
        with pytest.raises(NotFoundError):
            Hearings(work(students=frozenset({"s-1"}))).get(kept.hearing_id)
    assert len(Hearings(work()).select(panelist_ids="t-7")) == 2
    assert len(Hearings(work()).select(to_rescore=True)) == 3
    assert len(Hearings(work()).select(school_id="east", rescored=True)) == 1


def _every_kind_of_hearing() -> Iterator[Hearing]:
    court = Court(replace(RULE, rescoring=Rescoring(rate=1, split=True)))
    yield court.open()
    court = Court(court.rules.current())
    asking = court.not_yet("growth")
    yield asking
    steps = [PlanStep(indicator_id="growth", step="Collect two drafts.")]
    yield plan(asking.hearing_id, 1, steps, "o-1", docket=court.docket)
    panel = [("t-7", "teacher"), ("x-8", "outside"), ("x-9", "outside")]
    second = open_redefense(asking.hearing_id, panel, "remote", OFFICE, docket=court.docket)
    yield record_absence(second.hearing_id, ["x-9"], "Ill.", OFFICE, docket=court.docket)
    yield adjourn(second.hearing_id, "interrupted", "Fire alarm.", OFFICE, docket=court.docket)
    marks_again = (("t-1", marks_of_court(3)), ("t-2", marks_of_court(3)))
    fix = Correction(version=1, marks=marks_again, reason="Swapped.", by="o-1")
    yield correct(asking.hearing_id, fix, docket=court.docket)
    yield rescore(asking.hearing_id, marks_of_court(2), "c-1", docket=court.docket)
