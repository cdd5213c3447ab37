"""The elastic crew: ``wish`` is what is wanted, ``engine`` decides in a thread of its own, ``hands`` hires and fires.

The decision itself is `fjd.policy.elastic`, pure. Only who dispatches has an engine at work.
"""
