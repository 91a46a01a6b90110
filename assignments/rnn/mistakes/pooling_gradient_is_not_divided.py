EXPLANATION = {
    "en": "Your gradient for `mean` gives each state the whole of dpooled. By how much does the mean move if one of "
    "four states moves by 1?",
    "zh": "在 `mean` 下，你给每个状态的都是完整的 dpooled。四个状态中有一个增加 1，平均值变化多少？",
}


def pool_backward(dpooled, lengths, steps, pooling="last"):
    if pooling == "last":
        share = (torch.arange(steps) == lengths[:, None] - 1).to(dpooled.dtype)
    else:
        share = length_mask(lengths, steps).to(dpooled.dtype)
    return share[:, :, None] * dpooled[:, None]
