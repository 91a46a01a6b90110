EXPLANATION = {
    "en": "You divide by the root of the number of keys. Which length does the D under the root count?",
    "zh": "你除以的是键的个数的平方根。根号下的 D 数的是什么？",
}


def attention(q, k, v, keep_mask=None):
    return _look_up(q @ k.transpose(-2, -1) / math.sqrt(k.shape[-2]), v, keep_mask)
