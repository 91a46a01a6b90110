EXPLANATION = {
    "en": "Your causal mask hides the diagonal. May the first query see anything at all then?",
    "zh": "你的因果掩码把对角线也遮住了。这样第一个查询还能看到什么？",
}


def causal_mask(steps):
    return torch.ones(steps, steps, dtype=torch.bool).tril(-1)
