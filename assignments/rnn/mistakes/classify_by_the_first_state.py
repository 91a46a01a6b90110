EXPLANATION = {
    "en": "Your logits for `last` come from the first state. How much of the sequence has been read there?",
    "zh": "你在 `last` 下用的是第一个状态。读到那里时，序列已经看过多少？",
}


def classify(x, rnn, head, pooling="last", activation="tanh"):
    states, (V, c) = rnn_forward(x, _zero_state(x, rnn), *rnn, activation), head
    return (states[:, 0] if pooling == "last" else states.mean(dim=1)) @ V.T + c
