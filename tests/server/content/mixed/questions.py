"""What no student may read before its time has the word CANARY in it."""

from grader.questions import Attachment, Choice, Choices, Draw, Essay, Known, Matrix, Number, Option, Review, Short, T, asks


@asks
def total(draw: Draw) -> Number:
    one, other = draw.integers(1000, 9000, 2)
    wrong = Known("difference", one - other, T(en="CANARY this is the difference.", zh="CANARY 这是差。"))
    prompt = f"${one} + {other}$"
    return Number(
        prompt=T(en=prompt, zh=prompt), answer=one + other, mistakes=[wrong], solution=T(en="CANARY add", zh="CANARY 加")
    )


@asks
def table(draw: Draw) -> Matrix:
    rows = draw.matrix(2, 2, 1000, 9000)
    wrong = Known("turned", [list(row) for row in zip(*rows, strict=True)], T(en="CANARY turned.", zh="CANARY 转置了。"))
    prompt = T(en=f"Write down {rows}.", zh=f"写下 {rows}。")
    return Matrix(prompt=prompt, answer=rows, grid=(3, 3), per_cell=True, mistakes=[wrong] if rows[0][1] != rows[1][0] else [])


@asks
def pick(draw: Draw) -> Choice:
    return Choice(
        prompt=T(en="Which is even?", zh="哪个是偶数？"),
        options=[
            Option(T(en="Two", zh="二"), is_right=True),
            Option(T(en="Three", zh="三"), why=T(en="CANARY three is odd", zh="CANARY 三是奇数")),
            Option(T(en="Five", zh="五")),
        ],
    )


@asks
def ticks(draw: Draw) -> Choices:
    return Choices(
        prompt=T(en="Which are even?", zh="哪些是偶数？"),
        options=[
            Option(T(en="Four", zh="四"), is_right=True),
            Option(T(en="Six", zh="六"), is_right=True),
            Option(T(en="Seven", zh="七")),
            Option(T(en="Nine", zh="九")),
        ],
    )


@asks
def word(draw: Draw) -> Short:
    return Short(prompt=T(en="The opposite of no?", zh="“否”的反义词？"), accepted=["CANARY yes", "是"])


@asks
def other_word(draw: Draw) -> Short:
    return Short(prompt=T(en="The opposite of up?", zh="“上”的反义词？"), accepted=["CANARY down", "下"])


@asks
def later(draw: Draw) -> Number:
    other = draw.integer(100, 1000)
    return Number(prompt=T(en=f"Six times {other}?", zh=f"六乘 {other}？"), answer=6 * other)


@asks
def essay(draw: Draw) -> Essay:
    return Essay(prompt=T(en="Why?", zh="为什么？"), solution=T(en="CANARY because", zh="CANARY 因为"), most_characters=200)


@asks
def sketch(draw: Draw) -> Attachment:
    return Attachment(prompt=T(en="Draw it.", zh="画出来。"))


@asks
def style(draw: Draw) -> Review:
    return Review(prompt=T(en="We read your code.", zh="我们会阅读你的代码。"))
