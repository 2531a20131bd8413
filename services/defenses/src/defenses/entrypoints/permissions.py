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
PLAN_DEFENSES = Permission("plan defenses", PLANNERS)
READ_DEFENSES = Permission("read defenses", (*STAFF, *FAMILIES))
