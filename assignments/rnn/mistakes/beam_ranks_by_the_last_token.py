EXPLANATION = {
    "en": "Your beam is ordered by the log p of the newest token alone. Where has the likelihood of the beginning gone?",
    "zh": "你的束只按最新一个词元的 log p 排序。开头部分的概率到哪里去了？",
}


def beam_search(h, decoder, width, max_length):
    beam = [([], 0.0, h)]
    for _ in range(max_length):
        grown = [hypothesis for hypothesis in beam if hypothesis[0][-1:] == [EOS]]
        for tokens, _, state in beam:
            if tokens[-1:] != [EOS]:
                log_p, after = decoder_step(torch.tensor(tokens[-1:] or [BOS]), state[None], decoder)
                grown += [([*tokens, k], value, after[0]) for k, value in enumerate(log_p[0].tolist())]
        beam = sorted(grown, key=lambda hypothesis: -hypothesis[1])[:width]
    return beam[0][:2]
