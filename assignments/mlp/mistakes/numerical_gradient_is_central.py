EXPLANATION = {
    "en": "Your quotient looks in both directions, f(w + h) - f(w - h). That is more exact, yet another one is asked "
    "for: which gives 2.0001?",
    "zh": "你的差商同时看了两边：f(w + h) - f(w - h)。它更精确，但题目要的是另一种：哪一种会得到 2.0001？",
}
CHECKS = ["the_slope_of_the_square_is_seen", "forward_differences_of_any_polynomial"]


def numerical_gradient(f, w, h=1e-4):
    gradient = torch.zeros_like(w)
    for i in range(w.numel()):
        step = torch.zeros_like(w)
        step.view(-1)[i] = h
        gradient.view(-1)[i] = (f(w + step) - f(w - step)) / (2 * h)
    return gradient
