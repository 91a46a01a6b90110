"""Steps by torch.autograd.grad for the parameters of the one whose turn it is; the penalty from a Jacobian."""


def _updated(optimiser, loss):
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        parameter.grad = gradient
    optimiser.step()
    optimiser.zero_grad(set_to_none=False)
    return loss.detach()


def discriminator_step(generator, discriminator, optimiser, real, noise):
    fake = generator(noise).detach().clone()
    logits = discriminator(torch.cat([real, fake]))
    return _updated(optimiser, discriminator_loss(*logits.split([len(real), len(fake)])))


def generator_step(generator, discriminator, optimiser, noise):
    return _updated(optimiser, generator_loss(discriminator(generator(noise)).flatten()))


def gradient_penalty(critic, real, fake, alpha):
    points = torch.lerp(fake.detach(), real.detach(), alpha)
    jacobian = torch.func.vmap(torch.func.grad(lambda point: critic(point).sum()))(points)
    return (torch.linalg.vector_norm(jacobian, dim=1) - 1).square().mean()


def critic_step(generator, critic, optimiser, real, noise, alpha, weight=10.0):
    fake = generator(noise).detach()
    distance = critic(real).mean() - critic(fake).mean()
    return _updated(optimiser, gradient_penalty(critic, real, fake, alpha) * weight - distance)
