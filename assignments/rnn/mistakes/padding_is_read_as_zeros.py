EXPLANATION = {
    "en": "You set padding to zero and read on. Does a cell with zero input keep its state?",
    "zh": "你把填充换成零，然后继续往下读。输入为零时，单元的状态会保持不变吗？",
}


def masked_forward(x, lengths, h0, W_hh, W_hx, b):
    return rnn_forward(torch.where(length_mask(lengths, x.shape[1])[:, :, None], x, 0), h0, W_hh, W_hx, b)
