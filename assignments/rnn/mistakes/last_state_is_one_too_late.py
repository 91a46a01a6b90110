EXPLANATION = {
    "en": "Your last state stands at index `length`. Which index does the last step of a sequence of length 1 have?",
    "zh": "你取的末状态在下标 `length` 处。长度为 1 的序列，最后一步的下标是多少？",
}


def last_state(states, lengths):
    return states[torch.arange(len(states)), lengths.clamp(max=states.shape[1] - 1)]
