EXPLANATION = {
    "en": "Every step of your result holds the last state. Did you keep a state of each step, or one tensor many times?",
    "zh": "返回结果的每一步都是最后一个状态。你保存的是每一步各自的状态，还是把同一个张量放了很多次？",
}
CHECKS = ["three_steps_give_the_worked_numbers", "every_state_of_any_sequence"]


def rnn_forward(x, h0, W_hh, W_hx, b, activation="tanh"):
    h = h0
    for t in range(x.shape[1]):
        h = rnn_step(x[:, t], h, W_hh, W_hx, b, activation)
    return torch.stack([h] * x.shape[1], dim=1)
