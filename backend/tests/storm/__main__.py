"""`make test-faults`: storms over the real stack, from seeds; each prints how to have it again."""

import argparse
import random
import secrets
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.storm.checker import Checker
from tests.storm.faults import FAULTS
from tests.storm.people import People
from tests.storm.world import World, world


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def strike(place: World, dice: random.Random, blows: int) -> None:
    """Each blow in turn, none left out while there are enough of them, with a breath between."""
    order: list[str] = []
    while len(order) < blows:
        order += dice.sample(list(FAULTS), len(FAULTS))
    for name in order[:blows]:
        say(f"    {name}")
        FAULTS[name](place)
        time.sleep(dice.uniform(0.5, 2.5))


def storm(seed: int, blows: int, folder: Path) -> list[str]:
    """One storm; what does not hold after it."""
    dice = random.Random(seed)
    with world(folder, random.Random(dice.random())) as place:
        people = People(place, random.Random(dice.random()))
        people.submit()
        place.bad_day()
        over = threading.Event()

        def live() -> None:
            while not over.is_set():
                people.a_while(2)

        with ThreadPoolExecutor(1) as pool:
            crowd = pool.submit(live)
            try:
                strike(place, random.Random(dice.random()), blows)
            finally:
                over.set()
                place.calm()
            crowd.result(240)  # with what went wrong there: a storm without people shows nothing
        say(f"    calm: {len(people.batches)} batches, {sum(map(len, people.batches.values()))} pictures")
        _settle(place, people)
        found = Checker(place, people).all()
        calls = sum(len(fake.log()) for fake in place.providers)
        say(f"    {calls} calls, {len(place.stack.logs().splitlines())} lines of log")
        for watcher in people.watchers:
            watcher.stop()
        return found


def _settle(place: World, people: People) -> None:
    place.stack.until(lambda: place.stack.get("/health")["status"] == "ok", "health", 90)
    people.go_on()
    for batch in people.batches:
        place.stack.until_done(batch, 180)
    time.sleep(2)  # the last events are on their way


def main() -> None:
    parser = argparse.ArgumentParser(prog="make test-faults")
    parser.add_argument("--seed", type=int, help="one storm, again")
    parser.add_argument("--storms", type=int, default=3)
    parser.add_argument("--blows", type=int, default=len(FAULTS))
    parser.add_argument("--keep", type=Path, help="a folder for its logs, which then stay")
    asked = parser.parse_args()
    seeds = [asked.seed] if asked.seed is not None else [secrets.randbelow(10**6) for _ in range(asked.storms)]
    broken = 0
    for seed in seeds:
        again = f"make test-faults SEED={seed} BLOWS={asked.blows}"
        say(f"Storm {seed} ({again})")
        with tempfile.TemporaryDirectory() as folder:
            found = storm(seed, asked.blows, (asked.keep or Path(folder)) / str(seed))
        for wrong in found:
            say(f"    WRONG {wrong}")
        broken += bool(found)
        say(f"    {'does not hold; again: ' + again if found else 'everything holds'}")
    raise SystemExit(1 if broken else 0)


if __name__ == "__main__":
    main()
