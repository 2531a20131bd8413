"""Who may do what."""

from __future__ import annotations

from chassis.auth import Permission, Role

PLANNERS = (Role.DISTRICT_ADMIN, Role.COORDINATOR, Role.PORTAL)
STAFF = (*PLANNERS, Role.TEACHER, Role.PANELIST)
FAMILIES = (Role.STUDENT, Role.GUARDIAN)

PUBLISH_AVAILABILITY = Permission("publish availability", PLANNERS)
READ_AVAILABILITY = Permission("read availability", STAFF)
TELL_FAMILY_WINDOWS = Permission("tell when a family can come", (*PLANNERS, Role.GUARDIAN))
READ_READINESS = Permission("read readiness", (*PLANNERS, Role.TEACHER, *FAMILIES))
READ_SUMMARIES = Permission("read readiness summaries", (*PLANNERS, Role.TEACHER))
GRANT_EXCEPTIONS = Permission("grant exceptions from readiness", PLANNERS)
TRY_RULES = Permission("try readiness rules", PLANNERS)
PLAN_MILESTONES = Permission("plan milestones", (*PLANNERS, Role.TEACHER))
RECORD_MILESTONES = Permission("record milestones", (*PLANNERS, Role.TEACHER))
READ_MILESTONES = Permission("read milestones", (*PLANNERS, Role.TEACHER, *FAMILIES))
READ_JOURNEY = Permission("read journeys", (*PLANNERS, Role.TEACHER, *FAMILIES))
PLAN_DEFENSES = Permission("plan defenses", PLANNERS)
READ_DEFENSES = Permission("read defenses", (*STAFF, *FAMILIES))
CHOOSE_SLOTS = Permission("accept or choose a time", (*PLANNERS, Role.GUARDIAN))
SUBSCRIBE = Permission("subscribe to calendars", STAFF)
RUN_HEARINGS = Permission("run hearings", STAFF)
READ_HEARINGS = Permission("read hearings", STAFF)
#: Whoever has the seat, in whichever role their token names; the portal has none.
SIT_ON_PANELS = Permission(
    "sit on panels", (Role.PANELIST, Role.TEACHER, Role.COORDINATOR, Role.DISTRICT_ADMIN)
)
READ_OUTCOMES = Permission("read outcomes", (*PLANNERS, *FAMILIES))
RELEASE_OUTCOMES = Permission("release outcomes", PLANNERS)
CORRECT_RECORDS = Permission("correct records of hearings", (Role.DISTRICT_ADMIN, Role.COORDINATOR))
RESCORE_HEARINGS = Permission("rescore hearings", (Role.DISTRICT_ADMIN, Role.SCORER))
READ_COMPARISONS = Permission("read central comparisons", (Role.DISTRICT_ADMIN, Role.PORTAL))
RECORD_CALIBRATION = Permission("record calibration", (Role.DISTRICT_ADMIN,))
