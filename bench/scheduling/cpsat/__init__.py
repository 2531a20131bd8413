"""The peer: what a team writes first, the whole problem as one CP-SAT model.

`monolithic` has a variable for each panelist, student and slot; `aggregated` has one for each panelist,
school and slot, and splits the people of a slot into panels afterwards, with a no-good where that fails.

It shares nothing with `defenses.solver.whole`, which has inequalities that nobody writes first: so it stays a
peer, and a test can compare the two.
"""
