EXPLANATION = {
    "en": "Between fc1 and fc2 your network has no activation. Two linear layers in a row: how many layers is that?",
    "zh": "你的网络在 fc1 和 fc2 之间没有激活函数。两个线性层直接相连，等于几层？",
}


class LeNet5(LeNet5):
    def forward(self, images):
        maps = self.pool(self.conv1(images).tanh())
        maps = self.pool(self.conv2(maps).tanh())
        return self.fc3(self.fc2(self.fc1(maps.flatten(1))).tanh())
