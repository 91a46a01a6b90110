EXPLANATION = {
    "en": "Your encoder looks at the padding: the memory inside a sequence depends on its length as if all were full. Which "
    "keys may it see?",
    "zh": "你的编码器看了填充：序列之内的记忆受到了填充的影响。它可以看哪些键？",
}


def encode(source, lengths, model):
    x = embed(source, model["E"])
    for weights in model["encoder"]:
        x = encoder_layer(x, weights, model["heads"])
    return x
