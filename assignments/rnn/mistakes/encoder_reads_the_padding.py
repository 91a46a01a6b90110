EXPLANATION = {
    "en": "Your encoder's state is that after the last column, padding included. Where does each source end?",
    "zh": "你的编码器返回的是读完最后一列（包括填充）之后的状态。每条源序列在哪里结束？",
}


def encode(source, lengths, encoder):
    x = encoder["E"][source]
    h0 = x.new_zeros(len(x), len(encoder["b"]))
    return rnn_forward(x, h0, encoder["W_hh"], encoder["W_hx"], encoder["b"])[:, -1]
