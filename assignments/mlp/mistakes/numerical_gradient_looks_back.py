EXPLANATION = {
    "en": "Your quotient is (f(w) - f(w - h)) / h. In which direction does the docstring step?",
    "zh": "你的差商是 (f(w) - f(w - h)) / h。文档字符串里是朝哪个方向走一步？",
}
CHECKS = ["the_slope_of_the_square_is_seen", "forward_differences_of_any_polynomial"]


def numerical_gradient(f, w, h=1e-4):
    gradient = torch.zeros_like(w)
    for i in range(w.numel()):
        step = torch.zeros_like(w)
        step.view(-1)[i] = h
        gradient.view(-1)[i] = (f(w) - f(w - step)) / h
    return gradient
