EXPLANATION = {
    "en": "Your log p comes from the state before the token was read. What does a decoder know of the last token then?",
    "zh": "你的 log p 来自读入词元之前的状态。这样解码器对上一个词元知道些什么？",
}


def decoder_step(tokens, h, decoder):
    logits = h @ decoder["V"].T + decoder["c"]
    h = rnn_step(decoder["E"][tokens], h, decoder["W_hh"], decoder["W_hx"], decoder["b"])
    return logits - torch.logsumexp(logits, dim=1, keepdim=True), h
