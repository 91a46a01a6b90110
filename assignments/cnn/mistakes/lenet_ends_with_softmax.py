EXPLANATION = {
    "en": "Your network returns probabilities. Who takes the softmax in the cross-entropy that follows?",
    "zh": "你的网络返回的是概率。后面的交叉熵里，softmax 由谁来做？",
}
CHECKS = ["lenet_with_given_weights", "lenet_for_any_batch"]


class LeNet5(LeNet5):
    def forward(self, images):
        return super().forward(images).softmax(dim=1)
