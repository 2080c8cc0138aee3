"""Run a command for `measure.child`: `python launch.py REPORT COMMAND ...` writes its seconds, bytes and exit status.

A small process of its own: the system counts what a parent holds as memory of the child that it starts.
"""

import json
import os
import sys
import time

begun = time.perf_counter()
pid = os.posix_spawnp(sys.argv[2], sys.argv[2:], os.environ)
_, ended, used = os.wait4(pid, 0)
seconds = time.perf_counter() - begun
with open(sys.argv[1], "w", encoding="utf-8") as report:  # noqa: PTH123
    json.dump([seconds, used.ru_maxrss * 1024, os.waitstatus_to_exitcode(ended)], report)
