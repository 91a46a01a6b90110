EXPLANATION = {
    "en": "Your probabilities add up to 1 over the batch. Between what does a decoder choose?",
    "zh": "你的概率在批次方向上加起来等于 1。解码器是在什么之间做选择？",
}


def decoder_step(tokens, h, decoder):
    h = rnn_step(decoder["E"][tokens], h, decoder["W_hh"], decoder["W_hx"], decoder["b"])
    logits = h @ decoder["V"].T + decoder["c"]
    return logits - torch.logsumexp(logits, dim=0, keepdim=True), h
