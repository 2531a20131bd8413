"""Our copies of schools and staff."""

from __future__ import annotations

from typing import Any, ClassVar

from chassis.mongo import ReplicaRepository
from defenses.documents import SchoolCopy, StaffCopy
from defenses.domain.roster import Post, School, Staff


class Schools(ReplicaRepository[School]):
    """Keeps copies of schools."""

    document: ClassVar[Any] = SchoolCopy

    def to_value(self, document: Any) -> School:
        """Return the school of a document."""
        return School(
            school_id=document.id,
            name=document.name,
            time_zone=document.time_zone,
            active=document.active,
        )


class StaffMembers(ReplicaRepository[Staff]):
    """Keeps copies of staff."""

    document: ClassVar[Any] = StaffCopy

    def to_value(self, document: Any) -> Staff:
        """Return the staff member of a document."""
        posts = tuple(Post(post.school_id, post.role) for post in document.posts)
        return Staff(staff_id=document.id, posts=posts, active=document.active)
