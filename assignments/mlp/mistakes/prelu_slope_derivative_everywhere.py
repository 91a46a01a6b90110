EXPLANATION = {
    "en": "Your derivative by the slope is x at every entry. Does the slope matter where x is positive?",
    "zh": "你对 slope 的导数处处等于 x。x 为正的地方，输出还和 slope 有关吗？",
}


def prelu_derivatives(x, slope):
    return torch.where(x > 0, torch.ones_like(x), torch.zeros_like(x) + slope), x
