EXPLANATION = {
    "en": "All samples of your batch lose the same entries. How often is a decision made?",
    "zh": "你这一批的所有样本丢弃的都是同样的位置。丢弃的决定应当做多少次？",
}


_single_dropout = dropout_forward


def dropout_forward(x, drop_prob, training):
    scale = _single_dropout(torch.ones_like(x[:1]), drop_prob, training)[1].expand(x.shape).clone()
    return x * scale, scale
