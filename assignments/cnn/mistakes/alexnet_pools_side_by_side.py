EXPLANATION = {
    "en": "Your pooling windows are 2×2. Those of AlexNet overlap: how large are they, and how far apart?",
    "zh": "你的汇聚窗口是 2×2。AlexNet 的窗口是重叠的：它们多大，相隔多远？",
}


_overlapping_layers = alexnet_layers


def alexnet_layers():
    return [("pool", 2, 2) if layer[0] == "pool" else layer for layer in _overlapping_layers()]
