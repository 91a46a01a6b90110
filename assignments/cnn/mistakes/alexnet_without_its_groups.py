EXPLANATION = {
    "en": "Your AlexNet has 62 million parameters: each kernel sees all channels. On how many GPUs did the network live, and "
    "which layers talk across?",
    "zh": "你的 AlexNet 有 6200 万个参数，每个卷积核都看所有通道。这个网络当年分布在几块 GPU 上？哪些层之间才有跨卡连接？",
}


_grouped_layers = alexnet_layers


def alexnet_layers():
    return [(*layer[:-1], 1) if layer[0] == "conv" else layer for layer in _grouped_layers()]
