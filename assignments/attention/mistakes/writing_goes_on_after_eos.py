EXPLANATION = {
    "en": "Your sequences go on after EOS. What does a reader make of words behind the end?",
    "zh": "出现 EOS 之后，你的序列还在继续写。结束之后的词，读者该怎么理解？",
}


def generate(source, lengths, model, max_length):
    memory, n, heads = encode(source, lengths, model), len(source), model["heads"]
    nothing = memory.new_zeros(n, heads, 0, memory.shape[2] // heads)
    cache = [(nothing, nothing)] * len(model["decoder"])
    tokens, written = torch.full((n,), BOS), []
    for _ in range(max_length):
        log_p, cache = decode_step(tokens, cache, memory, lengths, model)
        tokens = log_p.argmax(dim=1)
        written.append(tokens)
    return torch.stack(written, dim=1)
