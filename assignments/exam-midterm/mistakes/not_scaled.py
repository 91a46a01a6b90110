EXPLANATION = {
    "en": "The scores are not divided by the square root of D.",
    "zh": "分数没有除以 D 的平方根。",
}


def attend(q, k, v):
    scores = q @ k.transpose(1, 2)
    return scores.masked_fill(~visible(q.shape[1]), -math.inf).softmax(dim=2) @ v
