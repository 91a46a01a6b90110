EXPLANATION = {
    "en": "A gradient with one wrong entry passes if the others are right. Which entry does `relative_error` look at?",
    "zh": "只要其余分量正确，有一个分量错了也能通过。`relative_error` 看的是哪个分量？",
}
CHECKS = ["right_gradients_pass_and_wrong_ones_do_not"]


def gradient_check(f, gradient, w, h=1e-4, tolerance=1e-3):
    numerical = numerical_gradient(f, w, h)
    return bool(((gradient - numerical).abs() / (gradient.abs() + numerical.abs())).mean() <= tolerance)
