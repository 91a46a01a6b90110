EXPLANATION = {
    "en": "Your sequences begin with BOS and so lack their last token. What does the docstring say about the front?",
    "zh": "你的序列以 BOS 开头，于是少了最后一个词元。文档字符串对开头是怎么规定的？",
}


def greedy(h, decoder, max_length):
    tokens, ended, written = torch.full((len(h),), BOS), torch.zeros(len(h), dtype=torch.bool), []
    for _ in range(max_length):
        written.append(tokens)
        log_p, h = decoder_step(tokens, h, decoder)
        tokens = torch.where(ended, EOS, log_p.argmax(dim=1))
        ended = ended | (tokens == EOS)
    return torch.stack(written, dim=1)
