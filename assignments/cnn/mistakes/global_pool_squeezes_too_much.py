EXPLANATION = {
    "en": "With a single sample or a single channel, your result has lost an axis. Which axes does squeeze() remove?",
    "zh": "只有一个样本或一个通道时，你的结果少了一维。squeeze() 会去掉哪些维度？",
}


def global_average_pool2d(x):
    return x.mean(dim=(2, 3), keepdim=True).squeeze()
