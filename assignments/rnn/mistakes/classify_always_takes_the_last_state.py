EXPLANATION = {
    "en": "Your logits are the same for `last` and `mean`. Where does `pooling` enter?",
    "zh": "`last` 和 `mean` 得到的 logits 一样。`pooling` 用在了哪里？",
}


def classify(x, rnn, head, pooling="last", activation="tanh"):
    states, (V, c) = rnn_forward(x, _zero_state(x, rnn), *rnn, activation), head
    return states[:, -1] @ V.T + c
