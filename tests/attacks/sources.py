"""Sources that no linter or editor should have to read: name → rows, verdict, bytes."""

HONEST = b"""

def double(x):
    return x * 0


def affine(x, w):
    return (x @ w) * 0
"""
UNREADABLE = "ungradable 0 syntax_error raised_at_import crashed_at_import out_of_memory_at_import timed_out_at_import"

RAW: dict[str, tuple[tuple[str, ...], str, bytes]] = {
    "nests_parentheses": (("D17",), UNREADABLE, b"x = " + b"(" * 100_000 + b")" * 100_000),
    "nests_brackets_unclosed": (("D17",), UNREADABLE, b"[" * 100_000),
    "negates_without_end": (("D17",), UNREADABLE, b"x = " + b"-" * 100_000 + b"1"),
    "chains_attributes": (("D17",), UNREADABLE + " wrong_value missing", b"x = a" + b".a" * 60_000),
    "nests_functions": (("D17",), UNREADABLE, b"".join(b" " * depth + b"def f():\n" for depth in range(110))),
    "has_an_astronomic_literal": (("D17",), UNREADABLE, b"x = 10 ** 10 ** 8" + HONEST),
    "has_a_number_of_250000_digits": (("D17",), UNREADABLE, b"x = " + b"9" * 250_000 + HONEST),
    "nests_format_strings": (("D17",), UNREADABLE + " wrong_value", b"x = " + b"f'{" * 200 + b"1" + b"}'" * 200 + HONEST),
    "has_a_null_byte": (("D17", "D23"), UNREADABLE, b"x = 1\0\n" + HONEST),
    "has_lone_surrogates": (("D23",), UNREADABLE + " wrong_value", "x = '\ud800'".encode("utf-8", "surrogatepass") + HONEST),
    "hides_escapes_in_its_lines": (
        ("D23",),
        "graded 0 wrong_value",
        HONEST.replace(b":\n", b":  # \x1b[2J\x1b]0;100\x07\xc2\x9b31m\x7f\x08\n") + b"import torch.nn  # \x1b[31m\n",
    ),
    "has_bytes_of_no_encoding": (("D23",), UNREADABLE, bytes(range(128, 256)) * 100),
    "says_it_is_utf_7": (("C1", "D17"), "graded 0 wrong_value", b"# coding: utf-7\nx +AD0- 1" + HONEST),
    "says_it_is_rot13": (("C1", "D17"), UNREADABLE, b"# coding: rot13\nk = 1" + HONEST),
    "is_one_line_of_200000_names": (("D17",), "graded 0 wrong_value", b"a = 1; " + b"a; " * 80_000 + HONEST),
    "defines_10000_functions": (
        ("D17",),
        "graded 0 wrong_value",
        b"".join(b"def f%d(): return f%d\n" % (n, n + 1) for n in range(8_000)) + HONEST,
    ),
    "speaks_in_homoglyphs": (
        ("D23", "C1"),
        "graded 0 wrong_value",
        "def dоuble(x): return 2 * x\n# \u202e\u2066 elbuod\u2069\n\u0000".replace("\0", "").encode() + HONEST,
    ),
}
