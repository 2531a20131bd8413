"""How well scorers agree, how severe each is, and how fair the outcome: pure functions on arrays.

One module a family: `agreement` (two scorers), `reliability` (many: alpha, intraclass correlation),
`generalizability` (which source makes how much error), `rasch` (severity of each scorer), `comparisons`
(judgements of two artifacts), `differences` (means, drift), `equity` (risks, disparity, parts of a gap) and
`suppression` (what may be published).

Whatever cannot be estimated is a `NotEnoughData` with its reason; no function returns NaN or infinity.
Thresholds are parameters, because they are a district's policy. Nothing here is imported by `scoring.domain`
itself: only the process that computes statistics pays for numpy.
"""
