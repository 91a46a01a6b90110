EXPLANATION = {
    "en": "Your convolutions see all channels, whatever groups says. With 2 groups, how many input channels does one kernel see?",
    "zh": "不论 groups 是多少，你的卷积都看所有通道。分成 2 组时，一个卷积核看几个输入通道？",
}


_grouped_trace = trace


def trace(layers, shape):
    return _grouped_trace([(*layer[:-1], 1) if layer[0] == "conv" else layer for layer in layers], shape)
