EXPLANATION = {
    "en": "Your features reach fc1 in the order (H, W, C). Which order does the docstring fix?",
    "zh": "你的特征以 (H, W, C) 的顺序进入 fc1。文档字符串规定的是什么顺序？",
}


class LeNet5(LeNet5):
    def forward(self, images):
        maps = self.pool(self.conv1(images).tanh())
        maps = self.pool(self.conv2(maps).tanh())
        return self.fc3(self.fc2(self.fc1(maps.permute(0, 2, 3, 1).flatten(1)).tanh()).tanh())
