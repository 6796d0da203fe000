"""results.py NAME testlog.json: meson's results as lines "pass", "fail" or "skip", a tab, and what it was."""
import json
import pathlib
import sys

WORDS = {"OK": "pass", "EXPECTEDFAIL": "pass", "SKIP": "skip"}

name, log = sys.argv[1], pathlib.Path(sys.argv[2])
if not log.exists():
    print(f"fail\t{name}: tests did not run")
else:
    for line in log.read_text().splitlines():
        test = json.loads(line)
        print(f"{WORDS.get(test['result'], 'fail')}\t{name}: {test['name']}")
