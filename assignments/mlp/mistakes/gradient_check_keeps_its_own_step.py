EXPLANATION = {
    "en": "`gradient_check` measures with the same step whatever `h` it is given. Where does its `h` go?",
    "zh": "无论给 `gradient_check` 的 h 是多少，它测量时用的步长都一样。传进来的 h 用到哪里去了？",
}
CHECKS = ["right_gradients_pass_and_wrong_ones_do_not"]


def gradient_check(f, gradient, w, h=1e-4, tolerance=1e-3):
    return bool(relative_error(gradient, numerical_gradient(f, w)) <= tolerance)
