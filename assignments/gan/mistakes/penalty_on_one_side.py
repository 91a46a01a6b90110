EXPLANATION = {
    "en": "Slopes below 1 cost nothing in your penalty. That exists, but what does the formula here say of them?",
    "zh": "在你的惩罚里，小于 1 的斜率不受罚。确有这种做法，但这里的公式对它们是怎么规定的？",
}


def gradient_penalty(critic, real, fake, alpha):
    between = (alpha * real + (1 - alpha) * fake).detach().requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return ((gradient.norm(dim=1) - 1).clamp(min=0) ** 2).mean()
