EXPLANATION = {
    "en": "A query that may see no key gets nan from you. What is 0 / 0, and what does the handout want instead?",
    "zh": "一个键都看不到的查询，你给出的是 nan。0 / 0 是什么？讲义要求的是什么？",
}
CHECKS = [
    "dot_products_give_the_worked_numbers",
    "dot_products_of_any_sizes",
    "additive_scores_of_any_sizes",
    "who_may_see_nothing_gets_zero",
]


def _look_up(scores, v, keep_mask):
    if keep_mask is not None:
        scores = scores.masked_fill(~keep_mask, -math.inf)
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights
