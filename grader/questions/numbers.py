"""Numbers as people type them. What could mean two things is refused with the sentence that says how to write it."""

import re
import unicodedata
from fractions import Fraction

from grader.protocol import Text

MOST_CHARACTERS = 60
MOST_DIGITS_OF_EXPONENT = 3
DECIMAL = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
NUMBER = re.compile(rf"({DECIMAL})(?:e([+-]?\d{{1,{MOST_DIGITS_OF_EXPONENT}}}))?", re.ASCII | re.IGNORECASE)
POWER_OF_TEN = re.compile(r"(?:\*|x|×|·)10(?:\^|\*\*)\{?([+-]?\d+)\}?$", re.ASCII | re.IGNORECASE)
SAME = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2014": "-", "。": ".", "、": ",", "⁄": "/", "\u2215": "/", "÷": "/"})

WITH_COMMA = Text(
    en="A comma can mean two things. Write a point before decimals and nothing between thousands: `1.5`, `1500`.",
    zh="逗号有歧义：小数请用点号，千位之间不加符号，例如 `1.5`、`1500`。",
)
WITH_SPACE = Text(
    en="There is a space inside the number. Write its digits together: `1500`.", zh="数字中间有空格，请连着写：`1500`。"
)
WITH_PERCENT = Text(
    en="Write the number without a percent sign: `0.5`, not `50 %`.", zh="请不要写百分号：写 `0.5`，不写 `50 %`。"
)
NOT_FINITE = Text(en="A finite number is asked for.", zh="这里要填有限的数。")
BY_ZERO = Text(en="A fraction cannot have the denominator 0.", zh="分母不能是 0。")
TOO_LONG = Text(en=f"This is longer than {MOST_CHARACTERS} characters.", zh=f"超过了 {MOST_CHARACTERS} 个字符。")
NO_NUMBER = Text(
    en="This is not a number. Write digits alone, without unit or words: `26`, `-0.75`, `3/4` or `1e-3`.",
    zh="这不是一个数。请只写数字，不带单位和文字，例如 `26`、`-0.75`、`3/4`、`1e-3`。",
)


class NotANumber(ValueError):
    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def read_number(typed: str) -> Fraction:
    """The exact value of `26`, `-0.75`, `3/4`, `1e-3`, `1.5×10^-3`, also in full-width characters. Raises NotANumber."""
    if len(typed) > MOST_CHARACTERS:
        raise NotANumber(TOO_LONG)
    if any(unicodedata.category(character) == "No" for character in typed):  # 1½ would become 11/2, and 10² would become 102
        raise NotANumber(NO_NUMBER)
    text = unicodedata.normalize("NFKC", typed).translate(SAME).strip()
    above, bar, below = text.partition("/")
    if not bar:
        return _one(text)
    divisor = _one(below)
    if divisor == 0:
        raise NotANumber(BY_ZERO)
    return _one(above) / divisor


def _one(text: str) -> Fraction:
    text = POWER_OF_TEN.sub(r"e\1", re.sub(r"\s*([*x×·^])\s*", r"\1", text.strip()))
    text = re.sub(r"^([+-])\s+", r"\1", text)
    found = NUMBER.fullmatch(text)
    if found is None:
        raise NotANumber(_why(text))
    number, exponent = found.groups()
    return Fraction(number) * Fraction(10) ** int(exponent or 0)


def _why(text: str) -> Text:
    if re.fullmatch(r"[+-]?\d[\d,.\s]*", text):
        return WITH_COMMA if "," in text else WITH_SPACE if re.search(r"\s", text) else NO_NUMBER
    if text.endswith("%") and NUMBER.fullmatch(text[:-1].strip()):
        return WITH_PERCENT
    if text.lower().lstrip("+-") in ("inf", "infinity", "nan", "∞"):
        return NOT_FINITE
    return NO_NUMBER


def is_close(value: Fraction, answer: Fraction, *, absolute: float, relative: float) -> bool:
    return abs(value - answer) <= Fraction(absolute) + Fraction(relative) * abs(answer)
