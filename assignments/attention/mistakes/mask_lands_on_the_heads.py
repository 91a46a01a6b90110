EXPLANATION = {
    "en": "Your mask (N, T, S) meets scores (N, heads, T, S) as it is, and where N is the number of heads nobody complains. "
    "With which axis does broadcasting pair its N?",
    "zh": "你的掩码 (N, T, S) 直接与 (N, heads, T, S) 的分数相遇，N 恰好等于头数时不会报错。广播把它的 N 与哪一维对上了？",
}


def _for_heads(keep_mask):
    return keep_mask
