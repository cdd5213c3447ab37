"""Targets for a coverage-guided fuzzer, to run for hours: ``python -m tests.fuzz.jobfile``. Only they need atheris.

What they found is a test case with a name in ``tests/properties/test_fuzz.py``, which every run of the tests repeats.
"""
