EXPLANATION = {
    "en": "Each of your states has a gradient by its own input alone: the state is detached between steps. Over how "
    "many steps does a loss at the end reach back?",
    "zh": "每个状态只对自己那一步的输入有梯度：状态在步与步之间被 detach 了。末尾的损失能往回传几步？",
}


def rnn_forward(x, h0, W_hh, W_hx, b, activation="tanh"):
    h, states = h0, []
    for x_t in x.unbind(dim=1):
        h = rnn_step(x_t, h.detach(), W_hh, W_hx, b, activation)
        states.append(h)
    return torch.stack(states, dim=1)
