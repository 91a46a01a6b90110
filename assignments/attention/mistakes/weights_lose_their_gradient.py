EXPLANATION = {
    "en": "Your output is right, but no gradient comes back to the scores. Who teaches the queries where to look then?",
    "zh": "你的输出是对的，但梯度传不回分数。那么谁来教查询往哪里看？",
}
CHECKS = [
    "dot_products_give_the_worked_numbers",
    "dot_products_of_any_sizes",
    "additive_scores_of_any_sizes",
    "who_may_see_nothing_gets_zero",
]


def _look_up(scores, v, keep_mask):
    scores = scores.detach()
    if keep_mask is not None:
        scores = scores.masked_fill(~keep_mask, -1e30)
    weights = torch.softmax(scores, dim=-1)
    if keep_mask is not None:
        weights = weights.masked_fill(~keep_mask, 0)
    return weights @ v, weights
