EXPLANATION = {
    "en": "At the border your output is that of padding with zeros. What lies to the left of the first column here?",
    "zh": "在边界上，你的输出等于补零的结果。这里第一列的左边是什么？",
}


def circular_conv2d(x, weight):
    height, width = weight.shape[2:]
    wide = x.new_zeros(*x.shape[:2], x.shape[2] + height - 1, x.shape[3] + width - 1)
    wide[:, :, height // 2 : height // 2 + x.shape[2], width // 2 : width // 2 + x.shape[3]] = x
    return conv2d_forward(wide, weight, x.new_zeros(len(weight)))
