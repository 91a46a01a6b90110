EXPLANATION = {
    "en": "Your variance is divided by D - 1, as torch's var and std do by default. By what does the formula divide?",
    "zh": "你的方差除以的是 D - 1，这是 torch 中 var 和 std 的默认做法。公式里除以什么？",
}
CHECKS = ["layer_norm_gives_the_worked_numbers", "layer_norm_of_any_sizes"]


def layer_norm(x, gamma, beta, eps=1e-5):
    return gamma * (x - x.mean(dim=-1, keepdim=True)) / (x.var(dim=-1, keepdim=True) + eps).sqrt() + beta
