EXPLANATION = {
    "en": "Your logits are those of a LeNet with ReLU. Which activation does the docstring name?",
    "zh": "你的 logits 等于把激活函数换成 ReLU 的 LeNet。文档字符串写的是哪种激活函数？",
}


class LeNet5(LeNet5):
    def forward(self, images):
        maps = self.pool(self.conv1(images).relu())
        maps = self.pool(self.conv2(maps).relu())
        return self.fc3(self.fc2(self.fc1(maps.flatten(1)).relu()).relu())
