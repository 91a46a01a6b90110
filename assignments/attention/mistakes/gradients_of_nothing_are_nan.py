EXPLANATION = {
    "en": "Your output is right, but where a query sees nothing its gradient is nan: you replace nan after the softmax. What "
    "is 0 · nan on the way back?",
    "zh": "你的输出是对的，可是查询什么都看不到时，梯度是 nan：你是在 softmax 之后才把 nan 换掉的。反向时 0 · nan 等于什么？",
}
CHECKS = ["who_may_see_nothing_gets_zero"]


def _look_up(scores, v, keep_mask):
    if keep_mask is not None:
        scores = scores + torch.where(keep_mask, 0.0, -math.inf).to(scores.dtype)
    weights = torch.softmax(scores, dim=-1).nan_to_num(0)
    return weights @ v, weights
