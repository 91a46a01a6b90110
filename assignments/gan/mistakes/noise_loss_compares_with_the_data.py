EXPLANATION = {
    "en": "Your model's answer is compared with x_0. What is it asked to predict?",
    "zh": "你把模型的输出和 x_0 相比较。要它预测的是什么？",
}


def noise_loss(model, x0, t, noise, betas):
    time = t.to(x0.dtype)[:, None] / len(betas)
    return ((x0 - model(torch.cat([q_sample(x0, t, noise, betas), time], dim=1))) ** 2).mean()
