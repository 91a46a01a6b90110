EXPLANATION = {
    "en": "Your encoder returns the mean of its states. What does the docstring ask for?",
    "zh": "你的编码器返回的是各状态的平均。文档字符串要的是什么？",
}


def encode(source, lengths, encoder):
    x = encoder["E"][source]
    h0 = x.new_zeros(len(x), len(encoder["b"]))
    return mean_state(masked_forward(x, lengths, h0, encoder["W_hh"], encoder["W_hx"], encoder["b"]), lengths)
