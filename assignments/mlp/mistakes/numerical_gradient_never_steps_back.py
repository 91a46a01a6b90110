EXPLANATION = {
    "en": "Each entry is still moved when the next one is looked at. Which w does the second quotient start from?",
    "zh": "看下一个元素时，前一个元素还停在移动后的位置。第二个差商是从哪个 w 出发的？",
}
CHECKS = ["the_slope_of_the_square_is_seen", "forward_differences_of_any_polynomial"]


def numerical_gradient(f, w, h=1e-4):
    gradient, moved, start = torch.zeros_like(w), w.clone(), f(w)
    for i in range(w.numel()):
        moved.view(-1)[i] += h
        gradient.view(-1)[i] = (f(moved) - start) / h
    return gradient
