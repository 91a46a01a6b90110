EXPLANATION = {
    "en": "In evaluation your output is normalised and nothing more. What did the layer learn in training, besides the "
    "statistics?",
    "zh": "评估时，你只做了归一化。除了统计量，这一层在训练中还学到了什么？",
}


_learnt_norm = batchnorm2d_forward


def batchnorm2d_forward(x, gamma, beta, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    if not training:
        gamma, beta = torch.ones_like(gamma), torch.zeros_like(beta)
    return _learnt_norm(x, gamma, beta, running_mean, running_var, training, momentum, eps)
