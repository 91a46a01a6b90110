EXPLANATION = {
    "en": "Your memory lives beside the function and starts anew with `state=None`. What happens to the first training "
    "when a second one begins?",
    "zh": "你的状态存放在函数之外，并在 `state=None` 时重新开始。第二次训练开始时，第一次训练的状态会怎样？",
}
CHECKS = ["two_trainings_do_not_share_a_state"]

momentum_with_a_state, kept = momentum_step, {}


def momentum_step(parameters, gradients, state=None, rate=0.01, momentum=0.9):
    before = None if state is None else kept["velocity"]
    moved, kept["velocity"] = momentum_with_a_state(parameters, gradients, before, rate, momentum)
    return moved, True
