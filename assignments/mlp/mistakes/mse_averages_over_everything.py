EXPLANATION = {
    "en": "Your loss is divided by the number of entries, as torch does it. Over what does this homework average?",
    "zh": "损失除以了元素总数，这是 torch 的约定。本作业是对什么取平均？",
}


def mse_loss(prediction, target):
    difference = prediction - target
    return (difference**2).mean() / 2, difference / difference.numel()
