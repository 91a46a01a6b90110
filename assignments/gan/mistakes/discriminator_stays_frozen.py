EXPLANATION = {
    "en": "After the generator's step your discriminator cannot learn any more. You froze it: who thaws it?",
    "zh": "生成器走完一步之后，你的判别器再也不能学习了。你把它冻结了，由谁来解冻？",
}


def generator_step(generator, discriminator, optimiser, noise):
    discriminator.requires_grad_(False)
    loss = generator_loss(discriminator(generator(noise)))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()
