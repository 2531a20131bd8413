"""What a report says of schools and groups of students.

`rules` and `rows` are plain and used by the service; `cells` and `equity` are numpy's, and only the nightly
process imports them.
"""
