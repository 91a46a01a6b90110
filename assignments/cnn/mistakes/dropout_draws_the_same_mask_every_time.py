EXPLANATION = {
    "en": "Two calls of your dropout drop the same entries. Who has put the random numbers back to their start?",
    "zh": "你的暂退法两次调用丢弃的是同样的位置。是谁把随机数重置回了起点？",
}


_free_dropout = dropout_forward


def dropout_forward(x, drop_prob, training):
    torch.manual_seed(0)
    return _free_dropout(x, drop_prob, training)
