EXPLANATION = {
    "en": "At step t your decoder has already read y_t, which it is to predict. What would it learn from such an exercise?",
    "zh": "在第 t 步，你的解码器已经读到了要预测的 y_t。这样的练习能教会它什么？",
}


def teacher_forcing(h, targets, decoder):
    steps = []
    for target in targets.unbind(dim=1):
        log_p, h = decoder_step(target, h, decoder)
        steps.append(log_p)
    return torch.stack(steps, dim=1)
