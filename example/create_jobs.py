"""Put ten jobs into the queue beside this script."""

import os

QUEUE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "jobqueue")

JOB = """\
[control]
executable: python3 ajob.py
logfile: data/job{number}.dat

[params]
my_param: value of job {number}
"""

os.makedirs(QUEUE, exist_ok=True)
for number in range(10):
    # A name with a dot in front is no job yet; the rename makes it one, and by then the file is whole.
    draft = os.path.join(QUEUE, f".job{number}")
    with open(draft, "w", encoding="utf-8") as file:
        file.write(JOB.format(number=number))
    os.replace(draft, os.path.join(QUEUE, f"job{number}"))
