EXPLANATION = {
    "en": "Your gradient for `last` stands in the last column of every row. Which state of a short sequence was used?",
    "zh": "在 `last` 下，你把每一行的梯度都放在了最后一列。短序列用的是哪个状态？",
}


def pool_backward(dpooled, lengths, steps, pooling="last"):
    dstates = dpooled.new_zeros(len(dpooled), steps, dpooled.shape[1])
    if pooling == "last":
        dstates[:, -1] = dpooled
        return dstates
    share = length_mask(lengths, steps).to(dpooled.dtype) / lengths[:, None]
    return share[:, :, None] * dpooled[:, None]
