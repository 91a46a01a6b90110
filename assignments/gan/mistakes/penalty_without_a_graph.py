EXPLANATION = {
    "en": "Your penalty has the right value, but the critic learns nothing from it. What must torch remember of a "
    "gradient that will be differentiated again?",
    "zh": "你的惩罚数值正确，评论者却没有从中学到东西。一个还要再求导的梯度，torch 必须记住它的什么？",
}


def gradient_penalty(critic, real, fake, alpha):
    between = (alpha * real + (1 - alpha) * fake).detach().requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(critic(between).sum(), between)
    return ((gradient.norm(dim=1) - 1) ** 2).mean()
