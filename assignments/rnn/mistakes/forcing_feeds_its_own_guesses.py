EXPLANATION = {
    "en": "Your decoder reads its own guesses, not the targets. What is the teacher's part in teacher forcing?",
    "zh": "你的解码器读的是自己的猜测，而不是目标序列。教师强制里的“教师”做了什么？",
}


def teacher_forcing(h, targets, decoder):
    tokens, steps = torch.full_like(targets[:, 0], BOS), []
    for _ in range(targets.shape[1]):
        log_p, h = decoder_step(tokens, h, decoder)
        steps.append(log_p)
        tokens = log_p.argmax(dim=1)
    return torch.stack(steps, dim=1)
