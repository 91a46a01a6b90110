EXPLANATION = {
    "en": "Your decoder returns logits: their exponentials do not add up to 1. What would a beam search add up then?",
    "zh": "你的解码器返回的是 logits，取指数之后加起来不等于 1。束搜索累加的会是什么？",
}


def decoder_step(tokens, h, decoder):
    h = rnn_step(decoder["E"][tokens], h, decoder["W_hh"], decoder["W_hx"], decoder["b"])
    return h @ decoder["V"].T + decoder["c"], h
