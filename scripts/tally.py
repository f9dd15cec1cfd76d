"""Sums the suites of `make test` into one line: `N passed, N failed, N skipped`; fails if anything failed.

A suite leaves a JUnit file (`<suite>.xml`), or ends its output (`<suite>.txt`) with the same kind of line; its
exit status is in `<suite>.status`. A suite that fails without saying what counts as one failure. What failed and was
run once more has its verdict in `<suite>.again.xml`. `tally.py --failed FILE` prints how many failed there.
"""

import re
import sys
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

LINE = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.MULTILINE)


def from_junit(report: Path) -> Counter[str]:
    count: Counter[str] = Counter()
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - our own tools wrote it
        said = {part.tag for part in case}
        count["failed" if said & {"failure", "error"} else "skipped" if "skipped" in said else "passed"] += 1
    return count


def from_output(output: Path) -> Counter[str]:
    lines = LINE.findall(re.sub(r"\x1b\[[0-9;]*m", "", output.read_text(errors="replace")))
    passed, failed, skipped = lines[-1] if lines else (0, 0, 0)
    return Counter(passed=int(passed), failed=int(failed), skipped=int(skipped))


def count_suite(reports: Path, suite: str) -> Counter[str]:
    junit, output = reports / f"{suite}.xml", reports / f"{suite}.txt"
    count = from_junit(junit) if junit.exists() else from_output(output) if output.exists() else Counter[str]()
    again = reports / f"{suite}.again.xml"
    if again.exists():
        lasting = from_junit(again)["failed"]
        print(f"{suite}: {count['failed'] - lasting} of {count['failed']} passed at the second try")
        count.update(passed=count["failed"] - lasting, failed=lasting - count["failed"])
    if (reports / f"{suite}.status").read_text() != "0" and not count["failed"]:
        print(f"The suite '{suite}' ended with an error of its own.", file=sys.stderr)
        count["failed"] += 1
    return count


def main() -> int:
    if sys.argv[1] == "--failed":
        print(from_junit(Path(sys.argv[2]))["failed"])
        return 0
    reports, *suites = Path(sys.argv[1]), *sys.argv[2:]
    total: Counter[str] = Counter()
    for suite in suites:
        total += count_suite(reports, suite)
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
