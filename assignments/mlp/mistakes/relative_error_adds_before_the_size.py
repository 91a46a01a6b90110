EXPLANATION = {
    "en": "You divide by |a + b|. Where a and b have different signs, that is small. Of what does the formula take the size?",
    "zh": "你除以的是 |a + b|。当 a 与 b 异号时它会很小。公式里取绝对值的是什么？",
}
CHECKS = ["the_relative_error_is_the_largest"]


def relative_error(a, b):
    return ((a - b).abs() / (a + b).abs().clamp(min=1e-8)).max()
