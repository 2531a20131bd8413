"""Who may do what."""

from __future__ import annotations

from chassis.auth import Permission, Role

OFFICE = (Role.COORDINATOR, Role.DISTRICT_ADMIN, Role.PORTAL)
#: Not teachers: their token shows whose an artifact is. Who scores has another one for it.
SCORERS = (Role.SCORER,)
FAMILIES = (Role.STUDENT, Role.GUARDIAN)

READ_TASKS = Permission("scoring.tasks.read", (*SCORERS, *OFFICE))
READ_HISTORY = Permission("scoring.history.read", (*FAMILIES, *OFFICE))
DECLARE_CONFLICTS = Permission("scoring.conflicts.declare", (*SCORERS, *OFFICE))
#: Nobody reads in another's name, not even the portal.
GIVE_READS = Permission("scoring.reads.give", SCORERS)
#: Not for scorers: they see no prior scores.
READ_SCORES = Permission("scoring.scores.read", (Role.TEACHER, *FAMILIES, *OFFICE))
READ_RUBRICS = Permission("scoring.rubrics.read", tuple(Role))
#: Drafts too, which nobody is scored by yet.
READ_RUBRIC_VERSIONS = Permission("scoring.rubric_versions.read", OFFICE)
EDIT_RUBRICS = Permission("scoring.rubrics.edit", (Role.DISTRICT_ADMIN,))
#: What is late, set aside, withdrawn, and why.
RUN_SCORING = Permission("scoring.run", OFFICE)
NOMINATE = Permission("scoring.nominate", (Role.TEACHER, *FAMILIES, *OFFICE))
REQUEST_REVIEWS = Permission("scoring.reviews.request", (*FAMILIES, *OFFICE))
#: What experts have settled about papers, which would tell a scorer what is a seed.
SET_PAPERS = Permission("scoring.papers.set", (Role.COORDINATOR, Role.DISTRICT_ADMIN))
#: A scorer sees their own figures.
READ_QUALITY = Permission("scoring.quality.read", (*SCORERS, *OFFICE))
READ_EQUITY = Permission("scoring.equity.read", OFFICE)
READ_CALIBRATIONS = Permission("scoring.calibrations.read", (*SCORERS, *OFFICE))
STEER_SCORERS = Permission("scoring.scorers.steer", (Role.COORDINATOR, Role.DISTRICT_ADMIN))
