"""What an engineer would write instead: a thread pool around the same client, and no more. Prints seconds of wall and
processor. With one thread it is the serial loop of tools that make one picture after the other."""

import argparse
import json
import resource
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from batchgen.domain.pictures import Options, Request
from batchgen.providers.base import ProviderConfig
from batchgen.providers.catalogue import catalogue
from batchgen.providers.doubao import Doubao
from tests.stack import KEYS


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("items", type=int)
    parser.add_argument("slots", type=int)
    asked = parser.parse_args()
    client = Doubao(ProviderConfig(keys=(KEYS["doubao"],), base_url=f"{asked.url}/api/v3"))
    model = catalogue()["doubao"].offered[0].id

    def call(n: int) -> int:
        request = Request(model=model, prompt=f"picture {n}", images=(), options=Options())
        return len(client.generate(request, timeout_s=60).data)

    call(0)  # warm
    began, before = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
    with ThreadPoolExecutor(asked.slots) as pool:
        assert all(pool.map(call, range(asked.items)))
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    sys.stdout.write(json.dumps({"wall": time.monotonic() - began, "cpu": cpu}))


if __name__ == "__main__":
    main()
