EXPLANATION = {
    "en": "Your error is the largest |a - b|. Is 0.01 much, if the gradient itself is 0.02? And if it is 1000?",
    "zh": "你的误差是 |a - b| 的最大值。如果梯度本身只有 0.02，误差 0.01 算大吗？如果梯度是 1000 呢？",
}
CHECKS = ["the_relative_error_is_the_largest"]


def relative_error(a, b):
    return (a - b).abs().max()
