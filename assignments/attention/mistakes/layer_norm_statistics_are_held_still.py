EXPLANATION = {
    "en": "Your values are right, but mean and variance were detached. Do they move when x moves?",
    "zh": "数值是对的，但均值和方差被 detach 了。x 变动的时候，它们会不会跟着变？",
}
CHECKS = ["layer_norm_of_any_sizes"]


def layer_norm(x, gamma, beta, eps=1e-5):
    mean, var = x.mean(dim=-1, keepdim=True).detach(), x.var(dim=-1, keepdim=True, unbiased=False).detach()
    return gamma * (x - mean) / (var + eps).sqrt() + beta
