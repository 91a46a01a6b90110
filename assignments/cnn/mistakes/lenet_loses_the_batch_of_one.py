EXPLANATION = {
    "en": "For one image your logits have lost the axis of the samples. Which axes does squeeze() remove?",
    "zh": "只有一张图像时，你的 logits 少了样本维。squeeze() 会去掉哪些维度？",
}


class LeNet5(LeNet5):
    def forward(self, images):
        return super().forward(images).squeeze()
