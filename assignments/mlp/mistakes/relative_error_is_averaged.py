EXPLANATION = {
    "en": "Your error is the mean over all entries. Would one wrong entry among a million be noticed?",
    "zh": "你的误差对所有元素取了平均。一百万个元素里错了一个，还能看出来吗？",
}
CHECKS = ["the_relative_error_is_the_largest"]


def relative_error(a, b):
    return ((a - b).abs() / (a.abs() + b.abs()).clamp(min=1e-8)).mean()
