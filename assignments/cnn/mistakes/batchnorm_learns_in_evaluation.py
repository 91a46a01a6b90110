EXPLANATION = {
    "en": "In evaluation your running statistics move. Should looking at a test image change the model?",
    "zh": "评估时，你的滑动统计量仍在变化。看一眼测试图像就该改变模型吗？",
}
CHECKS = ["batchnorm_in_evaluation_gives_the_worked_numbers", "batchnorm_in_evaluation_for_any_sizes"]


_still_norm = batchnorm2d_forward


def batchnorm2d_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    out = _still_norm(x, gamma, beta, running_mean, running_var, training, momentum, eps)[0]
    return out, *_still_norm(x, gamma, beta, running_mean, running_var, True, momentum, eps)[1:]
