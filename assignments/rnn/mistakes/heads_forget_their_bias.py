EXPLANATION = {
    "en": "Your logits are what comes out without c. What should a state of zeros be classified as?",
    "zh": "你的 logits 等于没有加 c 的结果。状态全为零时，应当判成哪一类？",
}


def classify(x, rnn, head, pooling="last", activation="tanh"):
    states = rnn_forward(x, _zero_state(x, rnn), *rnn, activation)
    return (states[:, -1] if pooling == "last" else states.mean(dim=1)) @ head[0].T


def tag(x, rnn, head, activation="tanh"):
    return rnn_forward(x, _zero_state(x, rnn), *rnn, activation) @ head[0].T
