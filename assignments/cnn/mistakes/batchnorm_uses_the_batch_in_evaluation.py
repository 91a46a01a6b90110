EXPLANATION = {
    "en": "In evaluation your output still depends on the other samples of the batch. Which mean and variance count then?",
    "zh": "评估时，你的输出仍受同批其他样本影响。这时应当用哪个均值和方差？",
}
CHECKS = ["batchnorm_in_evaluation_gives_the_worked_numbers", "batchnorm_in_evaluation_for_any_sizes"]


_still_norm = batchnorm2d_forward


def batchnorm2d_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    out = _still_norm(x, gamma, beta, running_mean, running_var, True, momentum, eps)[0]
    return out, *_still_norm(x, gamma, beta, running_mean, running_var, training, momentum, eps)[1:]
