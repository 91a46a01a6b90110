EXPLANATION = {
    "en": "After EOS your sequences go on. What should stand behind the end?",
    "zh": "在 EOS 之后，你的序列还在继续。结束之后应当放什么？",
}


def greedy(h, decoder, max_length):
    tokens, written = torch.full((len(h),), BOS), []
    for _ in range(max_length):
        log_p, h = decoder_step(tokens, h, decoder)
        tokens = log_p.argmax(dim=1)
        written.append(tokens)
    return torch.stack(written, dim=1)
