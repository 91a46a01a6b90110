"""Every word that a student may read in the room begins with CANARY, every word that nobody may read there with SECRET."""

from grader.questions import Choice, Draw, Essay, Known, Number, Option, Short, T, asks


@asks
def plus(draw: Draw) -> Number:
    one, other = draw.integers(100_000, 900_000, 2)
    wrong = Known("difference", one - other, T(en="SECRETmistake the difference.", zh="SECRETmistake 差。"))
    prompt = f"CANARYprompt {one} plus {other}"
    solution = T(en="SECRETsolution add", zh="SECRETsolution 加")
    return Number(prompt=T(en=prompt, zh=prompt), answer=one + other, mistakes=[wrong], solution=solution)


@asks
def canarypick(draw: Draw) -> Choice:
    return Choice(
        prompt=T(en="CANARYprompt which is even?", zh="CANARYprompt 哪个是偶数？"),
        options=[
            Option(T(en="CANARYoption two", zh="CANARYoption 二"), is_right=True),
            Option(T(en="CANARYoption three", zh="CANARYoption 三"), why=T(en="SECRETwhy odd", zh="SECRETwhy 奇数")),
            Option(T(en="CANARYoption five", zh="CANARYoption 五")),
        ],
    )


@asks
def canaryword(draw: Draw) -> Short:
    return Short(prompt=T(en="CANARYprompt not no?", zh="CANARYprompt “否”的反义词？"), accepted=["SECRETaccepted yes", "是"])


@asks
def canaryother(draw: Draw) -> Short:
    return Short(prompt=T(en="CANARYprompt not up?", zh="CANARYprompt “上”的反义词？"), accepted=["SECRETaccepted down", "下"])


@asks
def canarylater(draw: Draw) -> Number:
    other = draw.integer(100_000, 900_000)
    return Number(prompt=T(en=f"CANARYprompt six times {other}?", zh=f"CANARYprompt 六乘 {other}？"), answer=6 * other)


@asks
def canaryessay(draw: Draw) -> Essay:
    because = T(en="SECRETsolution because", zh="SECRETsolution 因为")
    return Essay(prompt=T(en="CANARYprompt why?", zh="CANARYprompt 为什么？"), solution=because, most_characters=200)
