"""A job: it reads its own job file, works for a moment, and writes its result to the logfile named there."""

import configparser
import random
import sys
import time

job = configparser.ConfigParser(interpolation=None)
with open(sys.argv[1], encoding="utf-8") as file:
    job.read_file(file)
logfile = job["control"]["logfile"]
my_param = job["params"]["my_param"]

seconds = random.uniform(0.3, 1.0)
time.sleep(seconds)

with open(logfile, "w", encoding="utf-8") as file:
    file.write(f"{my_param}\n")
print(f"Worked for {seconds:.2f} s on {my_param!r} and wrote {logfile}.")
