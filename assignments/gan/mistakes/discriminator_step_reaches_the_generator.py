EXPLANATION = {
    "en": "After your step of the discriminator, the generator has gradients. Through which tensor did they get there?",
    "zh": "你的判别器走完一步，生成器里却有了梯度。它们是经过哪个张量传过去的？",
}


def discriminator_step(generator, discriminator, optimiser, real, noise):
    loss = discriminator_loss(discriminator(real), discriminator(generator(noise)))
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.detach()
