EXPLANATION = {
    "en": "Your result still has two axes of length 1. Which shape does the docstring state?",
    "zh": "你的结果还留着两个长度为 1 的维度。文档字符串写的是什么形状？",
}


def global_average_pool2d(x):
    return x.mean(dim=(2, 3), keepdim=True)
