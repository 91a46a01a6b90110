"""What a figure shows, as a sentence: for terminals, and for whoever cannot see it."""

from collections import Counter
from collections.abc import Sequence

from grader.protocol import Curve, Figure, Logged, Pictures, Scatter, Series, Text


def in_words(figure: Figure) -> Text:
    """Written separately in each language, without the figure's title."""
    match figure:
        case Curve():
            sentences = _of_curve(figure)
        case Scatter():
            sentences = _of_scatter(figure)
        case Pictures():
            sentences = _of_pictures(figure)
    return Text(en=" ".join(sentence.en for sentence in sentences), zh="".join(sentence.zh for sentence in sentences))


def number(value: float, *, is_fraction: bool) -> str:
    """94% or 0.287: as it stands at an axis and in a sentence."""
    return f"{value:.0%}" if is_fraction else f"{value:.3g}"


def _of_curve(curve: Curve) -> list[Text]:
    pairs = list(zip(curve.steps, curve.values, strict=True))
    seen = [(n, number(value, is_fraction=curve.is_fraction)) for n, value in pairs if value is not None]
    missing = [str(n) for n, value in pairs if value is None]
    sentences = []
    if seen:
        sentences.append(_course(seen))
    if missing:
        sentences.append(Text(en=f"No number after {', '.join(missing)}.", zh=f"第 {'、'.join(missing)} 次更新后没有得到数值。"))
    if curve.band:
        low, high = (number(end, is_fraction=curve.is_fraction) for end in curve.band)
        sentences.append(Text(en=f"{low} to {high} is expected at the end.", zh=f"最后应在 {low} 到 {high} 之间。"))
    return sentences


def _course(seen: Sequence[tuple[int, str]]) -> Text:
    (first, start), *others = seen
    unit = "update" if first == 1 else "updates"
    en, zh = f"{start} after {first} {unit}", f"{first} 次更新后为 {start}"
    for n, value in others:
        en, zh = f"{en}, {value} after {n}", f"{zh}，{n} 次后为 {value}"
    return Text(en=f"{en}.", zh=f"{zh}。")


def _of_scatter(scatter: Scatter) -> list[Text]:
    drawn = len(scatter.points)
    sentences = [Text(en=f"{drawn} of {scatter.total} points are drawn.", zh=f"共 {scatter.total} 个点，画出 {drawn} 个。")]
    if drawn and scatter.marks:
        near = Counter(_nearest(point, scatter.marks) for point in scatter.points)
        counts = sorted(near[place] for place in range(len(scatter.marks)))
        sentences.append(
            Text(
                en=f"Each of the {len(counts)} marks is the nearest one to {counts[0]} to {counts[-1]} of them.",
                zh=f"共有 {len(counts)} 个标记，离每个标记最近的点有 {counts[0]} 到 {counts[-1]} 个。",
            )
        )
    if scatter.outside:
        sentences.append(
            Text(
                en=f"{scatter.outside} more lie outside, or nowhere at all.",
                zh=f"另有 {scatter.outside} 个点在图外，或者不是有限的数。",
            )
        )
    return sentences


def _nearest(point: tuple[float, float], marks: Sequence[tuple[float, float]]) -> int:
    return min(range(len(marks)), key=lambda place: (marks[place][0] - point[0]) ** 2 + (marks[place][1] - point[1]) ** 2)


def _of_pictures(pictures: Pictures) -> list[Text]:
    drawn, size = len(pictures.pixels), f"{len(pictures.pixels[0])}×{len(pictures.pixels[0][0])}"
    return [
        Text(
            en=f"The first {drawn} of {pictures.total} pictures, {size} pixels each.",
            zh=f"共 {pictures.total} 张图像，这里是前 {drawn} 张，每张 {size} 像素。",
        )
    ]


def training_in_words(series: Series, best: Series | None = None) -> Text:
    """The course of one name that student code has logged, and where the best run before it ended."""
    sentences = [_from_first_to_last(series)]
    if series.values[-1] is None:
        step = series.steps[-1]
        sentences.append(Text(en=f"At step {step} it is no number.", zh=f"第 {step} 步时不是有效的数。"))
    if best and best.values[-1] is not None:
        end = number(best.values[-1], is_fraction=False)
        sentences.append(Text(en=f"The best run before ended at {end}.", zh=f"此前最好的一次最后为 {end}。"))
    return Text(en=" ".join(sentence.en for sentence in sentences), zh="".join(sentence.zh for sentence in sentences))


def _from_first_to_last(series: Series) -> Text:
    seen = [(step, value) for step, value in zip(series.steps, series.values, strict=True) if value is not None]
    if not seen:
        return Text(en="There is no number that could be drawn.", zh="没有可以画出的数值。")
    (first, start), (last, end) = seen[0], seen[-1]
    begin, finish, low, high = (
        number(value, is_fraction=False) for value in (start, end, min(v for _, v in seen), max(v for _, v in seen))
    )
    if first == last:
        return Text(en=f"{finish} at step {last}.", zh=f"第 {last} 步为 {finish}。")
    return Text(
        en=f"From {begin} at step {first} to {finish} at step {last}, never below {low} or above {high}.",
        zh=f"从第 {first} 步的 {begin} 到第 {last} 步的 {finish}，全程在 {low} 到 {high} 之间。",
    )


def logged_in_words(logged: Logged) -> Text:
    """One line of a terminal: the last step, each name's value there, and how many points there were."""
    step = max(series.steps[-1] for series in logged.series)
    total = max(series.total for series in logged.series)
    en = ", ".join(f"{series.name} {_last_of(series)}" for series in logged.series)
    zh = "，".join(f"{series.name} {_last_of(series)}" for series in logged.series)
    points = "1 point" if total == 1 else f"{total} points"
    return Text(en=f"logged at step {step}: {en} ({points})", zh=f"训练记录到第 {step} 步：{zh}（共 {total} 个点）")


def _last_of(series: Series) -> str:
    value = series.values[-1]
    return "–" if value is None else number(value, is_fraction=False)
