EXPLANATION = {
    "en": "Your z has the right value, but no gradient reaches logvar through it. Who shall teach the encoder how wide to be?",
    "zh": "你的 z 数值正确，但梯度无法经它传到 logvar。那么由谁来教编码器该有多宽？",
}


def reparameterise(mu, logvar, noise):
    return mu + torch.exp(logvar / 2).detach() * noise
