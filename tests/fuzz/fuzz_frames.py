"""atheris against the judge's reading of frames: `python -m tests.fuzz.fuzz_frames -max_total_time=60`, or `make fuzz`.

Takes libFuzzer's own options. A find ends the run with a traceback and leaves the bytes in a file.
"""

import sys

import atheris

with atheris.instrument_imports(
    include=["grader.runner.wire", "grader.sandbox.exchange", "grader.sandbox.notes", "grader.sandbox.replies"]
):
    from tests.fuzz import frames


def one(data: bytes) -> None:
    """The first byte says how the rest is read: as it is, as a header and a body, as choices that build both, or as notes."""
    provider = atheris.FuzzedDataProvider(data)
    match provider.ConsumeIntInRange(0, 3):
        case 0:
            frame = provider.ConsumeBytes(1 << 16)
        case 1:
            header = provider.ConsumeBytes(provider.ConsumeIntInRange(0, 400))
            frame = frames.framed(header, provider.ConsumeBytes(1 << 12))
        case 2:
            frame = built(provider)
        case _:
            frame = frames.nearly_notes(
                lambda below: provider.ConsumeIntInRange(0, below - 1), lambda: provider.ConsumeUnicode(5)
            )
            frames.check_notes(frame, [1, 7, 16, 1 << 20])
    frames.check_bytes(frame)
    frames.check_chunks(frame, [1, 7, 16, 1 << 20])


def built(provider: atheris.FuzzedDataProvider) -> bytes:
    words = ("value", "error", "names", "mutated", "gradients", "done", "kind", "source")
    return frames.nearly_right(
        lambda below: provider.ConsumeIntInRange(0, below - 1),
        lambda: words[provider.ConsumeIntInRange(0, 7)] if provider.ConsumeBool() else provider.ConsumeUnicode(5),
    )


def main() -> None:
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
