EXPLANATION = {
    "en": "Your running statistics come back as they went in. When would a model learn what evaluation needs?",
    "zh": "你的滑动统计量原样返回。评估时要用的数值，模型什么时候才能得到？",
}


_learning_norm = batchnorm2d_forward


def batchnorm2d_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    return _learning_norm(x, gamma, beta, running_mean, running_var, training, momentum, eps)[0], running_mean, running_var
