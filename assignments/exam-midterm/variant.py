"""The sizes of the two code questions, and what they are about."""

from grader.variants import Draw, T, Variant

SIGNALS = [
    T(en="a heart-rate trace", zh="一段心率曲线"),
    T(en="a series of hourly temperatures", zh="一段逐小时气温"),
    T(en="the load of a power grid", zh="一段电网负荷"),
    T(en="the loudness of a recording", zh="一段录音的响度"),
]


def draw(draw: Draw) -> Variant:
    stride, width = draw.sample(range(2, 8), 2)  # two that differ, so that a mix-up shows
    return Variant(width=width, stride=stride, reach=draw.integer(2, 6), signal=draw.choice(SIGNALS))
