"""A process that reads works, one after the other: what a stranger wrote may exhaust or crash it, and nothing else.

stdin: a line of JSON for each work, {name: text}. stdout: for each, four bytes of length and the fingerprint as it is stored.
"""

import gc
import json
import resource
import sys

from grader.similarity.fingerprint import fingerprint
from grader.similarity.sources import Source, Work
from grader.similarity.storage import encoded

MEMORY_BYTES = 2 << 30  # of addresses; a work of 256 KiB takes a tenth of it


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # trees have no cycles
    for line in sys.stdin.buffer:
        files: dict[str, str] = json.loads(line)
        data = encoded(fingerprint(Work("", tuple(Source(name, text) for name, text in files.items()))))
        sys.stdout.buffer.write(len(data).to_bytes(4, "big") + data)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
