"""两层全连接网络；用 log 记录训练损失。"""

import torch
from torch import nn

try:
    from gradus import log
except ImportError:  # 在自己的电脑上
    def log(step, **values):
        print(step, values)


def scaled(pictures):
    x = pictures.float().flatten(1)
    return (x - x.mean(1, keepdim=True)) / (x.std(1, keepdim=True) + 1e-3)


def fit(train, budget):
    x, y = scaled(train["inputs"]), train["labels"]
    net = nn.Sequential(nn.Linear(256, 128), nn.ReLU(), nn.Dropout(0.2), nn.Linear(128, 10))
    adam = torch.optim.Adam(net.parameters(), lr=2e-3, weight_decay=1e-4)
    step = 0
    for epoch in range(15):
        for batch in torch.randperm(len(x)).split(64):
            out = net(x[batch])
            loss = nn.functional.cross_entropy(out, y[batch])
            adam.zero_grad()
            loss.backward()
            adam.step()
            step += 1
            log(step, loss=loss, accuracy=(out.argmax(1) == y[batch]).float().mean())
    return net.eval()


def predict(model, inputs):
    return model(scaled(inputs)).argmax(1)
