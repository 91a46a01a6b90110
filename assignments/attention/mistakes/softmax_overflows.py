EXPLANATION = {
    "en": "Your softmax takes e to the scores as they are. What is e^1000, even in float64?",
    "zh": "你的 softmax 直接对分数取指数。即使是 float64，e^1000 是多少？",
}
CHECKS = [
    "dot_products_give_the_worked_numbers",
    "dot_products_of_any_sizes",
    "additive_scores_of_any_sizes",
    "who_may_see_nothing_gets_zero",
]


def _look_up(scores, v, keep_mask):
    weights = torch.exp(scores)
    if keep_mask is not None:
        weights = weights * keep_mask
    weights = weights / weights.sum(dim=-1, keepdim=True).clamp(min=1e-300 if weights.dtype == torch.float64 else 1e-30)
    return weights @ v, weights
