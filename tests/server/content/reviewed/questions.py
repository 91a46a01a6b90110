"""What people mark of this one; the code is judged beside it."""

from grader.questions import Attachment, Draw, Essay, Review, T, asks


@asks
def style(draw: Draw) -> Review:
    return Review(prompt=T(en="Your code is read.", zh="由人阅读你的代码。"))


@asks
def why(draw: Draw) -> Essay:
    return Essay(prompt=T(en="Why is doubling linear?", zh="加倍为什么是线性的？"))


@asks
def cost(draw: Draw) -> Essay:
    return Essay(prompt=T(en="What does it cost?", zh="计算量是多少？"))


@asks
def proof(draw: Draw) -> Attachment:
    return Attachment(prompt=T(en="Prove it by hand.", zh="请手写证明。"))
