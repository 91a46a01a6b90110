EXPLANATION = {
    "en": "Your states are zero after the end of a sequence. What does whoever reads states[:, -1] get for a short one?",
    "zh": "序列结束之后，你的状态变成了零。对于较短的序列，读取 states[:, -1] 会得到什么？",
}


def masked_forward(x, lengths, h0, W_hh, W_hx, b):
    states = rnn_forward(x, h0, W_hh, W_hx, b)
    return torch.where(length_mask(lengths, x.shape[1])[:, :, None], states, 0)
