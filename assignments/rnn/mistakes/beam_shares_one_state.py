EXPLANATION = {
    "en": "All your hypotheses continue from the state of the best one. Which state belongs to which sentence?",
    "zh": "你的所有假设都从最好的那个假设的状态继续往下写。哪个状态属于哪个句子？",
}


def beam_search(h, decoder, width, max_length):
    beam = [([], 0.0, h)]
    for _ in range(max_length):
        shared = beam[0][2]
        grown = [hypothesis for hypothesis in beam if hypothesis[0][-1:] == [EOS]]
        for tokens, score, _ in beam:
            if tokens[-1:] != [EOS]:
                log_p, after = decoder_step(torch.tensor(tokens[-1:] or [BOS]), shared[None], decoder)
                grown += [([*tokens, k], score + value, after[0]) for k, value in enumerate(log_p[0].tolist())]
        beam = sorted(grown, key=lambda hypothesis: -hypothesis[1])[:width]
    return beam[0][:2]
