"""Measurements: what a job costs beyond running it, beside what others take. ``python -m tests.bench`` runs them all.

No test depends on a time. What a test does hold is **counted** work, which does not vary: `tests.bench.test_counts`.
"""
