EXPLANATION = {
    "en": "You hide what keep_mask marks as True. What does its name say?",
    "zh": "你遮住了 keep_mask 中为 True 的键。这个名字说的是什么？",
}
CHECKS = [
    "dot_products_give_the_worked_numbers",
    "dot_products_of_any_sizes",
    "additive_scores_of_any_sizes",
    "who_may_see_nothing_gets_zero",
]


def _look_up(scores, v, keep_mask):
    if keep_mask is not None:
        scores = scores.masked_fill(keep_mask, -1e30)
    weights = torch.softmax(scores, dim=-1)
    if keep_mask is not None:
        weights = weights.masked_fill(keep_mask, 0)
    return weights @ v, weights
