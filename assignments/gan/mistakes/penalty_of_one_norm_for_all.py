EXPLANATION = {
    "en": "You take one norm over the whole batch. How many slopes does a batch of N points have?",
    "zh": "你对整批只取了一个范数。N 个点一共有几个斜率？",
}


def gradient_penalty(critic, real, fake, alpha):
    between = (alpha * real + (1 - alpha) * fake).detach().requires_grad_()
    with torch.enable_grad():
        (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
    return (gradient.norm() - 1) ** 2
