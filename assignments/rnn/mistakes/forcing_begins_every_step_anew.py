EXPLANATION = {
    "en": "Every step of yours starts from the encoder's state again. Where is what the decoder has read so far?",
    "zh": "你的每一步都重新从编码器的状态出发。解码器到目前为止读过的内容在哪里？",
}


def teacher_forcing(h, targets, decoder):
    tokens, steps = torch.full_like(targets[:, 0], BOS), []
    for target in targets.unbind(dim=1):
        steps.append(decoder_step(tokens, h, decoder)[0])
        tokens = target
    return torch.stack(steps, dim=1)
