EXPLANATION = {
    "en": "Your mean runs over the sequences of the batch, not over time. May one sequence change the answer for another?",
    "zh": "你的平均是对一批中的各条序列取的，而不是对时间取的。一条序列可以影响另一条的结果吗？",
}


def classify(x, rnn, head, pooling="last", activation="tanh"):
    states, (V, c) = rnn_forward(x, _zero_state(x, rnn), *rnn, activation), head
    pooled = states[:, -1] if pooling == "last" else states.mean(dim=0, keepdim=True).mean(dim=1).expand(len(x), -1)
    return pooled @ V.T + c
