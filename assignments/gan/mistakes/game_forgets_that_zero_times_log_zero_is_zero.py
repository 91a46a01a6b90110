EXPLANATION = {
    "en": "Where an outcome never occurs on one side, your value is not a number. What is 0 log 0 here, and what does "
    "the computer make of it?",
    "zh": "某个结果在一方从不出现时，你的值就不是有限的数了。这里 0 log 0 应当是多少，计算机算出来的又是什么？",
}


def value_of_the_game(p_data, p_model):
    best = p_data / (p_data + p_model)
    return (p_data * best.log() + p_model * (1 - best).log()).sum()
