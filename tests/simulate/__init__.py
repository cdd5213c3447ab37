"""How far one dispatcher goes: the real one, on a virtual spool, with virtual workers, in virtual time.

``python -m tests.simulate`` runs it. What is real is all of `fjd.dispatcher`, `fjd.ledger`, `fjd.policy` and
`fjd.spool.fsio`, down to each system call; what stands behind the system calls (`system`, `storage`, `disk`), the
workers (`crew`) and the time that passes (`clock`) is not.
"""
