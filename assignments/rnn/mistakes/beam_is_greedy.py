EXPLANATION = {
    "en": "Your beam search finds what greedy search finds, whatever the width. How many hypotheses survive a step?",
    "zh": "无论宽度是多少，你的束搜索找到的都和贪心搜索一样。每一步之后留下了几个假设？",
}


def beam_search(h, decoder, width, max_length):
    tokens, score, state = [], 0.0, h[None]
    while len(tokens) < max_length and tokens[-1:] != [EOS]:
        log_p, state = decoder_step(torch.tensor(tokens[-1:] or [BOS]), state, decoder)
        best = int(log_p[0].argmax())
        tokens, score = [*tokens, best], score + float(log_p[0, best])
    return tokens, score
