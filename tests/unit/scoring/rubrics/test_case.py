"""Frameworks as CASE 1.1 packages: what the binding asks for, there and back, and what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.scoring.rubrics.rubric_examples import (
    CRAFT,
    GRADES,
    MESSAGE,
    MONDAY,
    NAMES,
    NEXT_SUMMER,
    TUESDAY,
    UPPER,
    at_path,
    crosswalk,
    framework,
    link,
)

from scoring.domain.rubrics import (
    Framework,
    InvalidFrameworkError,
    Relation,
    RubricVersion,
    VersionState,
    draft,
    framework_faults,
    from_case,
    to_case,
)

Json = dict[str, Any]

OLD = framework("2026.1")
KNOWN = NAMES.criteria([OLD])
WHOLE = framework(
    "2027.1",
    crosswalk(
        "2026.1",
        link(MESSAGE, MESSAGE, Relation.SAME),
        link(CRAFT, MESSAGE, Relation.RELATED),
        link(CRAFT, UPPER),
    ),
)
ELSEWHERE = "11111111-1111-4111-8111-111111111111"
UUID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
IDENTITY = {"identifier", "uri", "lastChangeDateTime"}

#: Of each class of the binding's JSON schema of getCFPackage: (what it must say, what it may say besides).
BINDING: dict[str, tuple[set[str], set[str]]] = {
    "CFDocument": (
        IDENTITY | {"creator", "title"},
        {"caseVersion", "version", "adoptionStatus", "language", "statusStartDate"},
    ),
    "CFItems": (
        IDENTITY | {"fullStatement"},
        {"abbreviatedStatement", "humanCodingScheme", "CFItemType", "educationLevel"},
    ),
    "CFAssociations": (
        IDENTITY | {"associationType", "originNodeURI", "destinationNodeURI"},
        {"sequenceNumber"},
    ),
    "CFRubrics": (IDENTITY, {"title", "CFRubricCriteria", "extensions"}),
    "CFRubricCriteria": (
        IDENTITY,
        {"description", "CFItemURI", "weight", "position", "rubricId", "CFRubricCriterionLevels"},
    ),
    "CFRubricCriterionLevels": (
        IDENTITY,
        {"description", "quality", "score", "position", "rubricCriterionId"},
    ),
}


def _written(whole: Framework = WHOLE) -> Json:
    version = RubricVersion(framework=whole, state=VersionState.PUBLISHED, effective=NEXT_SUMMER)
    package: Json = json.loads(json.dumps(to_case(version, names=NAMES, at=MONDAY)))
    return package


def _read(package: Json) -> Framework:
    return from_case(package, version="2027.1", known=KNOWN)


def _faults(package: Any) -> list[tuple[str, str]]:
    with pytest.raises(InvalidFrameworkError) as refused:
        _read(package)
    return [(each.field, each.reason) for each in refused.value.faults]


def _all_of(package: Json) -> Iterator[tuple[str, Json]]:
    yield "CFDocument", package["CFDocument"]
    for name in ("CFItems", "CFAssociations", "CFRubrics"):
        yield from ((name, each) for each in package[name])
    for rubric in package["CFRubrics"]:
        for criterion in rubric["CFRubricCriteria"]:
            yield "CFRubricCriteria", criterion
            yield from (("CFRubricCriterionLevels", each) for each in criterion["CFRubricCriterionLevels"])


def test_a_framework_comes_back_as_it_went() -> None:
    assert _read(_written()) == WHOLE


@settings(deadline=None, max_examples=50)
@given(
    st.text(min_size=1).filter(str.strip),
    st.sets(st.sampled_from(GRADES), min_size=1),
    st.sets(st.sampled_from("abcdefgh"), min_size=1),
)
def test_any_rubric_comes_back_as_it_went(text: str, grades: set[str], criteria: set[str]) -> None:
    lower, _ = WHOLE.rubrics
    odd = replace(
        lower,
        title=text,
        band=text,
        grades=tuple(sorted(grades)),
        criteria=tuple(replace(lower.criteria[0], criterion_id=each, name=text) for each in criteria),
    )
    whole = replace(WHOLE, rubrics=(odd,), crosswalks=())

    assert _read(_written(whole)) == whole


def test_a_package_says_what_the_binding_asks_for_and_nothing_that_it_does_not_know() -> None:
    package = _written()

    assert set(package) == {"CFDocument", "CFItems", "CFAssociations", "CFRubrics"}
    for kind, thing in _all_of(package):
        required, optional = BINDING[kind]
        assert required <= set(thing) <= required | optional
        assert UUID.fullmatch(thing["identifier"])
        assert thing["uri"] == f"urn:uuid:{thing['identifier']}"
        assert thing["lastChangeDateTime"] == "2026-11-23T09:00:00+00:00"
    identifiers = [thing["identifier"] for _, thing in _all_of(package)]
    assert len(identifiers) == len(set(identifiers))


def test_a_package_says_what_it_is_and_from_when() -> None:
    document = _written()["CFDocument"]

    assert {name: value for name, value in document.items() if name not in IDENTITY} == {
        "caseVersion": "1.1",
        "creator": "jcps",
        "title": "Backpack of success skills",
        "version": "2027.1",
        "adoptionStatus": "Adopted",
        "language": "en",
        "statusStartDate": "2027-07-01",
    }


def test_a_draft_says_so_and_when_it_was_changed() -> None:
    drafted = draft(None, WHOLE, at=TUESDAY, by="admin")

    document = to_case(drafted, names=NAMES, at=MONDAY)["CFDocument"]

    assert document["adoptionStatus"] == "Draft"
    assert document["lastChangeDateTime"] == "2026-11-24T09:00:00+00:00"
    assert "statusStartDate" not in document


def test_grades_are_coded_as_ceds_codes_them() -> None:
    items = [each for each in _written()["CFItems"] if each["CFItemType"] == "Criterion"]

    assert items[0]["educationLevel"] == ["KG", "01", "02", "03", "04", "05"]
    assert items[-1]["educationLevel"] == ["06", "07", "08", "09", "10", "11", "12"]


def test_what_a_criterion_became_is_said_from_the_old_one_to_the_new_one() -> None:
    associations = [
        (each["associationType"], each["originNodeURI"]["identifier"])
        for each in _written()["CFAssociations"]
        if each["associationType"] != "isChildOf"
    ]

    assert associations == [
        ("exactMatchOf", NAMES.criterion("2026.1", MESSAGE)),
        ("isRelatedTo", NAMES.criterion("2026.1", CRAFT)),
        ("replacedBy", NAMES.criterion("2026.1", CRAFT)),
    ]


def test_a_package_of_another_publisher_gets_ids_from_its_codes_and_texts() -> None:
    package = _written(replace(WHOLE, crosswalks=()))
    skill = package["CFItems"][0]
    for rubric in package["CFRubrics"]:
        del rubric["extensions"], rubric["title"]
        for criterion in rubric["CFRubricCriteria"]:
            # Many publishers have rubrics of an item itself, and none of what a criterion is about.
            criterion["CFItemURI"]["identifier"] = skill["identifier"]
            del criterion["position"]
    skill["educationLevel"] = ["KG", "01"]
    del skill["humanCodingScheme"], skill["abbreviatedStatement"]
    package["CFItems"], package["CFDefinitions"] = [skill], {"CFSubjects": []}
    package["CFAssociations"] = [
        {**package["CFAssociations"][0], "associationType": "isPeerOf", "extensions": {}}
    ]
    package["CFRubrics"] = package["CFRubrics"][:1]

    read = _read(package)

    assert [(each.skill_id, each.name) for each in read.skills] == [
        ("i-say-what-i-mean-and-listen", "I say what I mean, and listen.")
    ]
    [rubric] = read.rubrics
    assert rubric.rubric_id == "i-say-what-i-mean-and-listen-k-1"
    assert (rubric.title, rubric.band) == ("i-say-what-i-mean-and-listen, grades K-1", "K-1")
    assert [each.criterion_id for each in rubric.criteria] == ["has-a-message", "uses-language-well"]
    assert list(framework_faults(read, grades=GRADES)) == []


def test_a_package_without_rubrics_is_read_as_one() -> None:
    document = _written()["CFDocument"]

    read = _read({"CFDocument": document})

    assert (read.title, read.rubrics, read.skills, read.crosswalks) == (WHOLE.title, (), (), ())


def _set(path: str, value: Any) -> Callable[[Json], None]:
    def change(package: Json) -> None:
        above, _, name = path.rpartition(".")
        holder = at_path(package, above) if above else package
        key: Any = int(name) if isinstance(holder, list) else name
        holder[key] = value

    return change


def _drop(path: str) -> Callable[[Json], None]:
    def change(package: Json) -> None:
        above, _, name = path.rpartition(".")
        del (at_path(package, above) if above else package)[name]

    return change


_CRITERION = "CFRubrics.0.CFRubricCriteria.0"
_LEVEL = f"{_CRITERION}.CFRubricCriterionLevels.0"


@pytest.mark.parametrize(
    ("change", "field", "reason"),
    [
        (_drop("CFDocument"), "CFDocument", "it is missing"),
        (_set("CFDocument", []), "CFDocument", "it must be an object"),
        (_drop("CFDocument.caseVersion"), "CFDocument.caseVersion", "it is missing"),
        (_set("CFDocument.caseVersion", "1.0"), "CFDocument.caseVersion", "it must be 1.1"),
        (_set("CFDocument.title", " "), "CFDocument.title", "text that is not empty"),
        (_set("CFDocument.version", 1), "CFDocument.version", "it must be a text"),
        (_set("CFItems", {}), "CFItems", "it must be an array"),
        (_set("CFItems.0", "x"), "CFItems.0", "it must be an object"),
        (_set("CFItems.0.identifier", "x"), "CFItems.0.identifier", "a UUID in lower case"),
        (_set("CFItems.0.uri", "no scheme"), "CFItems.0.uri", "it must be a URI"),
        (_set("CFItems.0.lastChangeDateTime", "2026-11-23"), "CFItems.0.lastChangeDateTime", "offset"),
        (_set("CFItems.0.lastChangeDateTime", None), "CFItems.0.lastChangeDateTime", "ISO 8601"),
        (_set("CFItems.1.educationLevel", ["01", 2]), "CFItems.1.educationLevel", "array of texts"),
        (_set("CFRubrics.0.extensions", 1), "CFRubrics.0.extensions", "it must be an object"),
        (_set(f"{_CRITERION}.weight", "heavy"), f"{_CRITERION}.weight", "it must be a number"),
        (_set(f"{_CRITERION}.position", 1.5), f"{_CRITERION}.position", "a whole number"),
        (_drop(f"{_CRITERION}.CFItemURI"), f"{_CRITERION}.CFItemURI", "it is missing"),
        (_drop(f"{_LEVEL}.score"), f"{_LEVEL}.score", "it is missing"),
        (_set(f"{_LEVEL}.score", True), f"{_LEVEL}.score", "it must be a number"),
        (_set(f"{_LEVEL}.score", float("inf")), f"{_LEVEL}.score", "it must be a number"),
        (_set(f"{_LEVEL}.score", 1.5), f"{_LEVEL}.score", "it must be a whole number"),
        (_drop(f"{_LEVEL}.description"), f"{_LEVEL}.description", "it is missing"),
        (
            _set(f"{_CRITERION}.CFItemURI.identifier", ELSEWHERE),
            f"{_CRITERION}.CFItemURI",
            "the package has no such item",
        ),
        (
            _set("CFItems.1.educationLevel", ["12"]),
            "CFRubrics.0.CFRubricCriteria",
            "its criteria are for different education levels",
        ),
        (
            _set("CFAssociations.1.originNodeURI.identifier", ELSEWHERE),
            "CFAssociations.1.originNodeURI",
            "the package has no such item",
        ),
        (
            _set("CFAssociations.1.destinationNodeURI.identifier", ELSEWHERE),
            "CFAssociations.1.destinationNodeURI",
            "it is neither an item of the package nor its document",
        ),
        (
            _set("CFAssociations.4.originNodeURI.identifier", ELSEWHERE),
            "CFAssociations.4.originNodeURI",
            "nor a criterion of a version that is known",
        ),
        (
            _set("CFAssociations.4.destinationNodeURI.identifier", ELSEWHERE),
            "CFAssociations.4.destinationNodeURI",
            "it is no criterion of the package",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_place_and_the_reason(
    change: Callable[[Json], None], field: str, reason: str
) -> None:
    package = _written()
    change(package)

    found = dict(_faults(package))

    assert reason in found[field]


def test_an_identifier_that_stands_twice_is_named_with_both_places() -> None:
    package = _written()
    package["CFItems"].append(package["CFItems"][0])
    level = at_path(package, _LEVEL)
    level["identifier"] = package["CFRubrics"][0]["identifier"]

    assert _faults(package) == [
        ("CFItems.4.identifier", "CFItems.0 has it already"),
        (f"{_LEVEL}.identifier", "CFRubrics.0 has it already"),
    ]


def test_a_hierarchy_in_a_circle_is_named_once() -> None:
    package = _written()
    skill, child = (package["CFItems"][place]["identifier"] for place in (0, 1))
    upwards = package["CFAssociations"][0]
    assert upwards["originNodeURI"]["identifier"] == skill
    upwards["destinationNodeURI"]["identifier"] = child

    [(field, reason)] = _faults(package)

    assert field == "CFAssociations.0"
    assert reason == "the hierarchy goes round in a circle here"


def test_an_item_of_two_parents_is_named() -> None:
    package = _written()
    again = deepcopy(package["CFAssociations"][1])
    again["identifier"] = ELSEWHERE
    package["CFAssociations"].append(again)

    [fault] = _faults(package)

    assert fault == (
        f"CFAssociations.{len(package['CFAssociations']) - 1}",
        "CFAssociations.1 names another parent of the same item",
    )


def test_a_rubric_over_two_skills_is_refused() -> None:
    package = _written(replace(WHOLE, crosswalks=()))
    other = {**package["CFItems"][0], "identifier": ELSEWHERE, "humanCodingScheme": "innovator"}
    package["CFItems"].append(other)
    package["CFAssociations"][1]["destinationNodeURI"]["identifier"] = ELSEWHERE

    assert ("CFRubrics.0.CFRubricCriteria", "its criteria are of several skills") in _faults(package)


def test_a_missing_level_is_for_the_framework_to_name() -> None:
    package = _written()
    del at_path(package, f"{_CRITERION}.CFRubricCriterionLevels")[2]

    [fault] = framework_faults(_read(package), grades=GRADES)

    assert fault.field == "rubrics.0.criteria.0.descriptors"
    assert fault.reason == "level 3 is missing"


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_whatever_stands_anywhere_is_read_or_refused_but_never_breaks(data: st.DataObject) -> None:
    package = _written()
    json_value: st.SearchStrategy[Any] = (
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
    )
    json_value = st.one_of(json_value, st.lists(st.none(), max_size=1), st.fixed_dictionaries({}))
    paths = sorted(_paths(package))
    for path in data.draw(st.lists(st.sampled_from(paths), min_size=1, max_size=3, unique=True)):
        try:
            _set(path, data.draw(json_value))(package)
        except (KeyError, IndexError, TypeError, ValueError):
            continue  # an earlier change took away what was above

    try:
        read = _read(package)
    except InvalidFrameworkError as error:
        assert error.faults  # noqa: PT017 - either is right
    else:
        assert read.version == "2027.1"


def _paths(document: Any, above: str = "") -> Iterator[str]:
    inner = document.items() if isinstance(document, dict) else enumerate(document)
    for name, value in inner:
        path = f"{above}.{name}" if above else str(name)
        yield path
        if isinstance(value, (dict, list)):
            yield from _paths(value, path)


def test_a_day_is_part_of_what_is_written() -> None:
    version = RubricVersion(framework=WHOLE, state=VersionState.PUBLISHED, effective=date(2027, 8, 9))

    assert to_case(version, names=NAMES, at=MONDAY)["CFDocument"]["statusStartDate"] == "2027-08-09"
