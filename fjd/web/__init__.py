"""``fjd-tui`` in a browser: who may see it (`gate`), a process for each window (`window`), the server (`server`).

The program that is shown is `fjd.tui` as it is, started once for each window, which only looks on and never dispatches.
What stands between a terminal and the spool stands between a browser and the spool as well; what comes in addition is
that a port can be reached by others: other users of this host, other hosts, and any page in the same browser.
"""
