"""When a scorer's next read is a seed: as often as the district says, at places that nobody can foresee."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import blake2b

from scoring.domain.calibration.record import ScorerRecord, in_season
from scoring.domain.calibration.rules import CalibrationRules, Seeding


def wants_seed(
    record: ScorerRecord, *, tasks_open: int, seeds_open: int, at: datetime, rules: CalibrationRules
) -> bool:
    """Whether a scorer's next read is to be a seed.

    Args:
        record: the scorer's.
        tasks_open: what they have open in this skill and band.
        seeds_open: how many of those are seeds.
        at: now.
        rules: the district's.
    """
    record, seeding = in_season(record, at, rules), rules.seeding
    if seeds_due(record.key, record.reads + tasks_open, seeding) > record.seeds + seeds_open:
        return True
    if seeds_open:
        return False
    last = max(filter(None, (record.last_read_at, record.qualified_at)), default=at)
    missed = bool(record.window) and record.window[-1].mark.is_miss(rules.stopping)
    return at - last >= timedelta(days=seeding.idle_days) or (seeding.after_miss and missed)


def seeds_due(scorer: str, place: int, rules: Seeding) -> int:
    """Return how many seeds a scorer should have been given by some read, that read included.

    Reads are taken in blocks, each with one seed at a place of its own: so the share is kept in every block,
    and one that could not be given stays due until it is.

    Args:
        scorer: in what they read, such as `t-1/communicator/K-5`; each has places of their own.
        place: of the read among all of the season, from 0.
        rules: the district's.
    """
    first_blocks = -(-rules.first_reads // rules.first_every)
    later_start = first_blocks * rules.first_every
    if place < later_start:
        block, offset = divmod(place, rules.first_every)
        every = rules.first_every
    else:
        later, offset = divmod(place - later_start, rules.later_every)
        block, every = first_blocks + later, rules.later_every
    return block + (offset >= _place_in_block(scorer, block, every))


def draw(scorer: str, paper_id: str) -> bytes:
    """Return where a paper stands in a scorer's own order: no two scorers get papers in the same one."""
    return _hash(scorer, paper_id)


def _place_in_block(scorer: str, block: int, every: int) -> int:
    return int.from_bytes(_hash(scorer, str(block)), "big") % every


def _hash(*parts: str) -> bytes:
    return blake2b("\x1f".join(parts).encode(), digest_size=8).digest()
