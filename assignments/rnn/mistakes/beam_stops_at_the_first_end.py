EXPLANATION = {
    "en": "You return the first hypothesis that leads the beam and has ended. Can none of the others still overtake it?",
    "zh": "束中领先的假设一结束，你就把它返回了。其他假设真的不可能再超过它吗？",
}


def beam_search(h, decoder, width, max_length):
    beam = [([], 0.0, h)]
    for _ in range(max_length):
        grown = []
        for tokens, score, state in beam:
            log_p, after = decoder_step(torch.tensor(tokens[-1:] or [BOS]), state[None], decoder)
            grown += [([*tokens, k], score + value, after[0]) for k, value in enumerate(log_p[0].tolist())]
        beam = sorted(grown, key=lambda hypothesis: -hypothesis[1])[:width]
        for tokens, score, _ in beam:
            if tokens[-1] == EOS:
                return tokens, score
    return beam[0][:2]
