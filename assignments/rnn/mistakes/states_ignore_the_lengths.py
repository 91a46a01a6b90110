EXPLANATION = {
    "en": "Your states go on changing after the end of a sequence: padding is read like input. What should the last "
    "column of the result hold?",
    "zh": "序列结束之后，你的状态还在变化：填充被当成输入读了进去。结果的最后一列应当是什么？",
}


def masked_forward(x, lengths, h0, W_hh, W_hx, b):
    return rnn_forward(x, h0, W_hh, W_hx, b)
