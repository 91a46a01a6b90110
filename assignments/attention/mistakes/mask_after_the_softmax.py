EXPLANATION = {
    "en": "You set weights to zero after the softmax. What do the weights of a row sum to then?",
    "zh": "你在 softmax 之后才把权重置零。这样每一行的权重之和是多少？",
}
CHECKS = [
    "dot_products_give_the_worked_numbers",
    "dot_products_of_any_sizes",
    "additive_scores_of_any_sizes",
    "who_may_see_nothing_gets_zero",
]


def _look_up(scores, v, keep_mask):
    weights = torch.softmax(scores, dim=-1)
    if keep_mask is not None:
        weights = weights.masked_fill(~keep_mask, 0)
    return weights @ v, weights
