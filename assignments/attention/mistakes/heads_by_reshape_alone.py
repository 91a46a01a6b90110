EXPLANATION = {
    "en": "You reshape straight to (N, heads, T, D/heads), so a head holds some steps with all features. What should each head "
    "have of every step?",
    "zh": "你直接 reshape 成 (N, heads, T, D/heads)，于是一个头拿到的是某几步的全部特征。每个头应当从每一步里拿什么？",
}


def split_heads(x, heads):
    return x.reshape(x.shape[0], heads, x.shape[1], -1)


def merge_heads(x):
    return x.reshape(x.shape[0], x.shape[2], -1)
