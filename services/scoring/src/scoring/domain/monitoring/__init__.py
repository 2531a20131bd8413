"""How scorers do, by night: a season's reads, and what they say of scorers, schools, rubrics and weeks.

`rules`, `rows`, `nights` and `asking` are plain and used by the service; `columns`, `pairs`, `severity` and
`quality` are numpy's, and only the nightly process imports them.
"""
