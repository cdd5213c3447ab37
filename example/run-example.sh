#!/bin/sh
# Ten jobs, four workers, one dispatcher. The spool is this directory, from wherever the script is called.

CDPATH='' cd -- "$(dirname -- "$0")" || exit
unset FJD_DIR
trap : INT # ctrl+C ends the dispatcher, and the workers are fired all the same

python3 create_jobs.py || exit
recruiter.py hire 4 && dispatcher.py
status=$?
recruiter.py fire
exit "$status"
