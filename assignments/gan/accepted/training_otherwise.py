"""Loops in classes; noise from a generator of one's own, one z for both steps; a VAE with a falling rate and another weight."""


class Game:
    def __init__(self, seed):
        torch.manual_seed(seed)
        self.noise = torch.Generator().manual_seed(seed + 1)
        self.judge, self.maker = mlp(2, 64, 64, 1), mlp(4, 64, 64, 2)
        self.of_judge, self.of_maker = adam(self.judge, 0.004), adam(self.maker, 0.004)

    def play(self, real):
        z = torch.randn(real.shape[0], 4, generator=self.noise)
        fake = self.maker(z)
        self.of_judge.zero_grad()
        discriminator_loss(self.judge(real), self.judge(fake.detach())).backward()
        self.of_judge.step()
        self.of_maker.zero_grad()
        generator_loss(self.judge(fake)).backward()
        self.of_maker.step()


def train_ring(batches, seed):
    game = Game(seed)
    for index in range(len(batches)):
        game.play(batches[index])
    return game.maker


def train_digits(batches, seed):
    torch.manual_seed(seed)
    decoder, encoder = mlp(16, 128, 64), mlp(64, 128, 32)
    optimisers = [adam(decoder), adam(encoder)]
    schedules = [torch.optim.lr_scheduler.LinearLR(o, 1.0, 0.3, max(len(batches), 1)) for o in optimisers]
    for x in batches.unbind():
        code = encoder(x)
        mu, logvar = code[:, :16], code[:, 16:]
        logits = decoder(mu + (0.5 * logvar).exp() * torch.normal(torch.zeros(len(x), 16), 1.0))
        loss = nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
        loss = loss + 0.2 * kl_divergence(mu, logvar).mean()
        for optimiser in optimisers:
            optimiser.zero_grad()
        loss.backward()
        for optimiser, schedule in zip(optimisers, schedules, strict=True):
            optimiser.step()
            schedule.step()
    return decoder
