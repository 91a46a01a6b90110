EXPLANATION = {
    "en": "You choose by the score per token. By what does the docstring order hypotheses?",
    "zh": "你按每个词元的平均得分来挑选。文档字符串规定按什么排序？",
}


def beam_search(h, decoder, width, max_length):
    beam = [([], 0.0, h)]
    for _ in range(max_length):
        grown = [hypothesis for hypothesis in beam if hypothesis[0][-1:] == [EOS]]
        for tokens, score, state in beam:
            if tokens[-1:] != [EOS]:
                log_p, after = decoder_step(torch.tensor(tokens[-1:] or [BOS]), state[None], decoder)
                grown += [([*tokens, k], score + value, after[0]) for k, value in enumerate(log_p[0].tolist())]
        beam = sorted(grown, key=lambda hypothesis: -hypothesis[1] / len(hypothesis[0]))[:width]
    return beam[0][:2]
