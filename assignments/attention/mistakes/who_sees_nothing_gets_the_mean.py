EXPLANATION = {
    "en": "A query that may see no key gets the mean of all values from you, hidden ones included. What should it learn of them?",
    "zh": "一个键都看不到的查询，你给它的是所有值的平均，连被遮住的也算在内。它应当从中知道些什么？",
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
    weights = torch.softmax(scores, dim=-1)
    return weights @ v, weights
