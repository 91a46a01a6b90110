EXPLANATION = {
    "en": "Your hypotheses grow on after EOS. What is the score of a sentence that has ended?",
    "zh": "你的假设在 EOS 之后还在增长。已经结束的句子，得分应当是多少？",
}


def beam_search(h, decoder, width, max_length):
    beam = [([], 0.0, h)]
    for _ in range(max_length):
        grown = []
        for tokens, score, state in beam:
            log_p, after = decoder_step(torch.tensor(tokens[-1:] or [BOS]), state[None], decoder)
            grown += [([*tokens, k], score + value, after[0]) for k, value in enumerate(log_p[0].tolist())]
        beam = sorted(grown, key=lambda hypothesis: -hypothesis[1])[:width]
    return beam[0][:2]
