EXPLANATION = {
    "en": "You add ε to the standard deviation. Where does it stand in the formula, inside the root or outside?",
    "zh": "你把 ε 加在了标准差上。公式里它在根号里面还是外面？",
}
CHECKS = ["layer_norm_of_any_sizes"]


def layer_norm(x, gamma, beta, eps=1e-5):
    centred = x - x.mean(dim=-1, keepdim=True)
    return gamma * centred / ((centred**2).mean(dim=-1, keepdim=True).sqrt() + eps) + beta
