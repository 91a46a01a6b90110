EXPLANATION = {
    "en": "Your decoder returns probabilities, not their logarithms. What happens to a product of a thousand of them?",
    "zh": "你的解码器返回的是概率，而不是对数概率。一千个概率连乘会怎样？",
}


def decoder_step(tokens, h, decoder):
    h = rnn_step(decoder["E"][tokens], h, decoder["W_hh"], decoder["W_hx"], decoder["b"])
    return torch.softmax(h @ decoder["V"].T + decoder["c"], dim=1), h
