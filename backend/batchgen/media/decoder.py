"""A decoder child: `python -m batchgen.media.decoder <memory bytes> <seconds>`, jobs as JSON lines on its stdin socket.

The limits are set before anything of Pillow is loaded. The child ends when its parent closes the socket.
"""

import json
import math
import os
import resource
import socket
import sys
from typing import IO, Any

_OUTPUT_BYTES = 256 * 1024 * 1024  # of one file that the child writes
_NICE = 5  # answering people comes before thumbnails

type Answer = dict[str, Any]


def main(memory_bytes: int, deadline_s: float) -> None:
    _limit(memory_bytes)
    with socket.socket(fileno=0) as parent:
        parent.setblocking(True)  # the parent's event loop may have made the pair non-blocking
        with parent.makefile("rb") as lines, parent.makefile("wb") as answers:
            _load()
            _say(answers, {"ready": True})
            _quiet()
            for line in lines:
                _limit_cpu(deadline_s)
                answer = _answer(json.loads(line))
                _say(answers, answer)
                if answer.get("last"):
                    return


def _limit(memory_bytes: int) -> None:
    os.umask(0o077)
    os.nice(_NICE)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_OUTPUT_BYTES, _OUTPUT_BYTES))


def _limit_cpu(deadline_s: float) -> None:
    """The parent keeps the deadline; should it be gone, the kernel does."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = math.ceil(used.ru_utime + used.ru_stime + deadline_s) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _load() -> None:
    from batchgen.media import pixels

    pixels.set_up()


def _quiet() -> None:
    """C libraries write what they think of a file to stderr, and the file's author chooses the words."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _say(answers: IO[bytes], message: Answer) -> None:
    answers.write(json.dumps(message).encode() + b"\n")
    answers.flush()


def _answer(job: dict[str, Any]) -> Answer:
    from batchgen.media import jobs, pixels

    try:
        return {"ok": jobs.JOBS[job["job"]](job)}
    except pixels.Refused as refused:
        return {"refused": refused.code}
    except MemoryError:  # what else failed inside the libraries is unknown: a fresh child is cheap
        return {"refused": "corrupt_image", "kind": "MemoryError", "last": True}
    except Exception as wrong:  # noqa: BLE001  (whatever it was, the parent must get an answer)
        return {"refused": "corrupt_image", "kind": type(wrong).__name__}


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
