EXPLANATION = {
    "en": "As soon as one sequence ends, you end all of them. Do the others have anything left to say?",
    "zh": "只要有一条序列结束，你就让所有序列都结束。其余的序列还有话要说吗？",
}


def greedy(h, decoder, max_length):
    tokens, ended, written = torch.full((len(h),), BOS), False, []
    for _ in range(max_length):
        log_p, h = decoder_step(tokens, h, decoder)
        tokens = torch.full_like(tokens, EOS) if ended else log_p.argmax(dim=1)
        ended = ended or bool((tokens == EOS).any())
        written.append(tokens)
    return torch.stack(written, dim=1)
