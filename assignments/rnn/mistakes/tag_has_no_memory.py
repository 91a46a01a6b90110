EXPLANATION = {
    "en": "Each of your tags depends on its own word alone. Then how do 到达济南 and 离开济南 differ?",
    "zh": "你的每个标签只取决于当前这个词。那么“到达济南”和“离开济南”怎么区分？",
}


def tag(x, rnn, head, activation="tanh"):
    V, c = head
    W_hh, W_hx, b = rnn
    return rnn_forward(x, _zero_state(x, rnn), torch.zeros_like(W_hh), W_hx, b, activation) @ V.T + c
