EXPLANATION = {
    "en": "Your weights sum to 1 over the queries, so one query takes from another. Over what does a single query share its "
    "attention out?",
    "zh": "你的权重沿查询方向求和为 1，于是查询之间互相抢占。一个查询的注意力应当在什么之间分配？",
}
CHECKS = [
    "dot_products_give_the_worked_numbers",
    "dot_products_of_any_sizes",
    "additive_scores_of_any_sizes",
    "who_may_see_nothing_gets_zero",
]


def _look_up(scores, v, keep_mask):
    if keep_mask is not None:
        scores = scores.masked_fill(~keep_mask, -1e30)
    weights = torch.softmax(scores, dim=-2)
    if keep_mask is not None:
        weights = weights.masked_fill(~keep_mask, 0)
    return weights @ v, weights
