"""The many-facet Rasch model: how severe each scorer is, whatever artifacts they happened to read.

ln(P(level k) / P(level k - 1)) = artifact - severity - criterion - step k, all in logits.

Use severities to watch, to stop and to report, never to overwrite a student's score. They can be
compared only between scorers whom artifacts that both read connect, or who got theirs at random: see
`connected_subsets` and `Prior`.

Source: Linacre (1989), Many-Facet Rasch Measurement; Andrich (1978), Psychometrika 43(4),
pp. 561-573; Masters (1982), Psychometrika 47(2), pp. 149-174.
"""

from scoring.domain.statistics.rasch.connectivity import connected_subsets
from scoring.domain.statistics.rasch.measures import (
    Measures,
    ScorerMeasure,
    Separation,
    measure,
    paired_severity,
    severity_in_levels,
)
from scoring.domain.statistics.rasch.model import (
    Locations,
    MeanSquares,
    Prior,
    Ratings,
    Steps,
    expected_levels,
    mean_square_fit,
)

__all__ = [
    "Locations",
    "MeanSquares",
    "Measures",
    "Prior",
    "Ratings",
    "ScorerMeasure",
    "Separation",
    "Steps",
    "connected_subsets",
    "expected_levels",
    "mean_square_fit",
    "measure",
    "paired_severity",
    "severity_in_levels",
]
