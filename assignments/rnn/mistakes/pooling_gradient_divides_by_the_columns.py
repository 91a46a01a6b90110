EXPLANATION = {
    "en": "Your gradient for `mean` is spread over all columns, padding too. Which states did the mean add up?",
    "zh": "在 `mean` 下，你把梯度分摊给了所有列，连填充也有。求平均时加的是哪些状态？",
}


def pool_backward(dpooled, lengths, steps, pooling="last"):
    if pooling == "last":
        share = (torch.arange(steps) == lengths[:, None] - 1).to(dpooled.dtype)
    else:
        share = torch.full((len(dpooled), steps), 1 / steps, dtype=dpooled.dtype)
    return share[:, :, None] * dpooled[:, None]
