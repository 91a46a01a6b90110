EXPLANATION = {
    "en": "Your mean divides by the number of columns. How many states of a short sequence are in the sum?",
    "zh": "你的平均除以了总列数。对短序列来说，求和里究竟有几个状态？",
}


def mean_state(states, lengths):
    mask = length_mask(lengths, states.shape[1])[:, :, None]
    return torch.where(mask, states, 0).mean(dim=1)
