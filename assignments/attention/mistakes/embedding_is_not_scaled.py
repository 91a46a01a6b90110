EXPLANATION = {
    "en": "Your embedding is not multiplied by √D. How large is a row of E beside its position?",
    "zh": "你的嵌入没有乘以 √D。与位置编码相比，E 的一行有多大？",
}


def embed(tokens, E, start=0):
    return E[tokens] + positions(tokens.shape[1], E.shape[1], start).to(E.dtype)
