EXPLANATION = {
    "en": "Your logits are those of a LeNet with max pooling. What did the network of 1998 do with a window?",
    "zh": "你的 logits 等于用最大汇聚的 LeNet。1998 年的网络是怎样处理一个窗口的？",
}


class LeNet5(LeNet5):
    def __init__(self):
        super().__init__()
        self.pool = nn.MaxPool2d(2)
