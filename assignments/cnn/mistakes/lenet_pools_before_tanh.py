EXPLANATION = {
    "en": "Your tanh comes after pooling. Is the mean of tanh the same as tanh of the mean?",
    "zh": "你把 tanh 放在了汇聚之后。tanh 的平均值等于平均值的 tanh 吗？",
}


class LeNet5(LeNet5):
    def forward(self, images):
        maps = self.pool(self.conv1(images)).tanh()
        maps = self.pool(self.conv2(maps)).tanh()
        return self.fc3(self.fc2(self.fc1(maps.flatten(1)).tanh()).tanh())
