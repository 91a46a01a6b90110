EXPLANATION = {
    "en": "Your decoder sees the tokens after t when it says what follows t. How well will it do once nobody has written them "
    "yet?",
    "zh": "你的解码器在预测词元 t 之后是什么时，已经看到了后面的词元。等到后面还没写出来的时候，它还能行吗？",
}


def decode(tokens, memory, lengths, model):
    x, keep = embed(tokens, model["E"]), padding_mask(lengths, memory.shape[1])
    for weights in model["decoder"]:
        x = decoder_layer(x, memory, weights, model["heads"], None, keep)
    return _log_probabilities(x, model)
