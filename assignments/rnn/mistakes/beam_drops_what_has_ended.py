EXPLANATION = {
    "en": "Hypotheses that have ended vanish from your beam. Who remembers the best finished sentence?",
    "zh": "已经结束的假设从你的束里消失了。写完的句子中最好的那一句由谁记住？",
}


def beam_search(h, decoder, width, max_length):
    beam = last = [([], 0.0, h)]
    for _ in range(max_length):
        grown = []
        for tokens, score, state in beam:
            if tokens[-1:] != [EOS]:
                log_p, after = decoder_step(torch.tensor(tokens[-1:] or [BOS]), state[None], decoder)
                grown += [([*tokens, k], score + value, after[0]) for k, value in enumerate(log_p[0].tolist())]
        beam = sorted(grown, key=lambda hypothesis: -hypothesis[1])[:width]
        last = beam or last
    return last[0][:2]
