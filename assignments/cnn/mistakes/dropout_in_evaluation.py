EXPLANATION = {
    "en": "Your dropout drops in evaluation as well. Should the same image get another answer each time?",
    "zh": "评估时你的暂退法仍在丢弃。同一张图像每次都该得到不同的答案吗？",
}


_resting_dropout = dropout_forward


def dropout_forward(x, drop_prob, training):
    return _resting_dropout(x, drop_prob, True)
