EXPLANATION = {
    "en": "Your output is x weight, without the bias. Where is it added?",
    "zh": "输出只有 x weight，没有加偏置。偏置应当加在哪里？",
}


def affine_forward(x, weight, bias):
    return x @ weight, (x, weight)
