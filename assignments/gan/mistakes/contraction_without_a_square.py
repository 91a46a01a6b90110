EXPLANATION = {
    "en": "In your penalty the derivative of tanh stands once. An entry of ∂h/∂x is squared: what becomes of its two factors?",
    "zh": "你的惩罚里 tanh 的导数只出现了一次方。∂h/∂x 的每个元素都要平方，它的两个因子各变成什么？",
}


def contractive_penalty(code, W_e):
    return ((1 - code**2) @ (W_e**2).sum(dim=1)).mean()
