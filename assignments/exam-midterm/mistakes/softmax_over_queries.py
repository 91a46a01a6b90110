EXPLANATION = {
    "en": "The softmax runs over the queries. Each query's weights over the keys have to add up to one.",
    "zh": "softmax 沿查询方向做了。每个查询对各个键的权重之和应为 1。",
}


def attend(q, k, v):
    scores = q @ k.transpose(1, 2) / math.sqrt(q.shape[2])
    return scores.masked_fill(~visible(q.shape[1]), -math.inf).softmax(dim=1) @ v
