EXPLANATION = {
    "en": "The first step of your discriminator is right, later ones are not: something of the past is still in .grad. "
    "What has the generator's step left there?",
    "zh": "你的判别器第一步是对的，后面几步就不对了：.grad 里还留着以前的东西。生成器那一步在那里留下了什么？",
}


def discriminator_step(generator, discriminator, optimiser, real, noise):
    loss = discriminator_loss(discriminator(real), discriminator(generator(noise).detach()))
    loss.backward()
    optimiser.step()
    return loss.detach()
