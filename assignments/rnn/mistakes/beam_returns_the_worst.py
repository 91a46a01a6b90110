EXPLANATION = {
    "en": "You return the last hypothesis of the beam. Which end of it is the best?",
    "zh": "你返回的是束中的最后一个假设。束的哪一端是最好的？",
}


def beam_search(h, decoder, width, max_length):
    beam = [([], 0.0, h)]
    for _ in range(max_length):
        grown = [hypothesis for hypothesis in beam if hypothesis[0][-1:] == [EOS]]
        for tokens, score, state in beam:
            if tokens[-1:] != [EOS]:
                log_p, after = decoder_step(torch.tensor(tokens[-1:] or [BOS]), state[None], decoder)
                grown += [([*tokens, k], score + value, after[0]) for k, value in enumerate(log_p[0].tolist())]
        beam = sorted(grown, key=lambda hypothesis: -hypothesis[1])[:width]
    return beam[-1][:2]
