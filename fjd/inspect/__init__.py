"""What a spool shows to whoever looks without dispatching: directories and journals, and nothing in memory.

``listing`` says where jobs are, ``runs`` what the journals tell of them, ``jobs`` puts both together, ``crew`` and
``status`` do the same for workers and the whole, ``why`` (pure) says why a job does not run. Nothing here changes
anything, and what is read may be out of date by the time it is shown.
"""
