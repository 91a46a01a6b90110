EXPLANATION = {
    "en": "All your steps have the same logits, those of the last state. What is known about the first word when it is tagged?",
    "zh": "你的每一步都给出同样的 logits，也就是最后一个状态的结果。给第一个词打标签时，网络读到了哪里？",
}


def tag(x, rnn, head, activation="tanh"):
    V, c = head
    states = rnn_forward(x, _zero_state(x, rnn), *rnn, activation)
    return states[:, -1:].expand_as(states) @ V.T + c
