EXPLANATION = {
    "en": "Your decoder begins with EOS where BOS should stand. Which number has BOS?",
    "zh": "你的解码器开头读的是 EOS，而那里应当是 BOS。BOS 的编号是多少？",
}


def teacher_forcing(h, targets, decoder):
    tokens, steps = torch.full_like(targets[:, 0], EOS), []
    for target in targets.unbind(dim=1):
        log_p, h = decoder_step(tokens, h, decoder)
        steps.append(log_p)
        tokens = target
    return torch.stack(steps, dim=1)
