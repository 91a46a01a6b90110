EXPLANATION = {
    "en": "Your generator does not move. Which of the two networks must the gradient of its loss pass through, and what "
    "stands in its way?",
    "zh": "你的生成器没有动。损失的梯度必须穿过哪个网络，途中被什么挡住了？",
}


def generator_step(generator, discriminator, optimiser, noise):
    loss = generator_loss(discriminator(generator(noise).detach()))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()
