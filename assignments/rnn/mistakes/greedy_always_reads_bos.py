EXPLANATION = {
    "en": "Your decoder reads BOS at every step, never what it has just written. How does it know where it is?",
    "zh": "你的解码器每一步读的都是 BOS，从不读刚写下的词元。它怎么知道自己写到哪里了？",
}


def greedy(h, decoder, max_length):
    tokens, ended, written = torch.full((len(h),), BOS), torch.zeros(len(h), dtype=torch.bool), []
    for _ in range(max_length):
        log_p, h = decoder_step(tokens, h, decoder)
        written.append(torch.where(ended, EOS, log_p.argmax(dim=1)))
        ended = ended | (written[-1] == EOS)
    return torch.stack(written, dim=1)
