EXPLANATION = {
    "en": "All entries of w move at once, so every entry gets the same quotient. What does a partial derivative hold still?",
    "zh": "w 的所有元素同时移动，因此每一项得到同一个差商。求偏导数时，哪些量应当保持不动？",
}
CHECKS = ["the_slope_of_the_square_is_seen", "forward_differences_of_any_polynomial"]


def numerical_gradient(f, w, h=1e-4):
    return torch.zeros_like(w) + (f(w + h) - f(w)) / h
