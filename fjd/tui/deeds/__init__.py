"""What the actions do: one function each, which asks what there is to ask, works in a thread, and says what came of it.

A function that waits is a coroutine; the desk runs it as a worker, and shows an `FjdError` in the message line.
"""
