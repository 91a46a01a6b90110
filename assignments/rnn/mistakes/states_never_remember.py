EXPLANATION = {
    "en": "Each of your states starts from h_0 again: the steps do not know of each other. Which state does step t get?",
    "zh": "你的每一步都重新从 h_0 出发，各步之间互不相识。第 t 步应当接收哪个状态？",
}
CHECKS = ["three_steps_give_the_worked_numbers", "every_state_of_any_sequence"]


def rnn_forward(x, h0, W_hh, W_hx, b, activation="tanh"):
    steps = [rnn_step(x_t, h0, W_hh, W_hx, b, activation) for x_t in x.unbind(dim=1)]
    return torch.stack(steps, dim=1)
