"""LeNet from functions, gradients through .grad, shapes by small classes; training with Adam, batch normalisation and dropout."""

from torch.nn import functional as F


class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        for name, layer in {
            "fc3": nn.Linear(84, 10), "fc2": nn.Linear(120, 84), "fc1": nn.Linear(16 * 5 * 5, 120),
            "conv2": nn.Conv2d(6, 16, kernel_size=5), "conv1": nn.Conv2d(1, 6, kernel_size=5),
        }.items():  # fmt: skip
            setattr(self, name, layer)

    def forward(self, images):
        x = F.avg_pool2d(torch.tanh(self.conv1(images)), 2)
        x = F.avg_pool2d(torch.tanh(self.conv2(x)), kernel_size=2, stride=2)
        x = x.view(x.size(0), -1)
        for layer in (self.fc1, self.fc2):
            x = torch.tanh(layer(x))
        return self.fc3(x)


def loss_and_gradients(model, images, labels):
    model.zero_grad()
    loss = nn.CrossEntropyLoss()(model(images), labels)
    loss.backward()
    return loss, {name: parameter.grad.clone() for name, parameter in model.named_parameters()}


def trace(layers, shape):
    """Asks torch, on the meta device, where nothing takes memory."""
    x, rows = torch.empty(1, *shape, device="meta"), []
    for kind, *n in layers:
        if kind == "conv":
            layer = nn.Conv2d(x.shape[1], n[0], n[1], stride=n[2], padding=n[3], groups=n[4], device="meta")
        elif kind == "pool":
            layer = nn.MaxPool2d(n[0], n[1])
        elif kind == "flatten":
            layer = nn.Flatten()
        elif kind == "linear":
            layer = nn.Linear(x.shape[1], n[0], device="meta")
        x = layer(x)
        rows.append([x.shape[1:], sum(p.numel() for p in layer.parameters())])
    return rows


class SmallCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2, self.conv3 = (nn.Conv2d(i, o, 3, padding=1, bias=False) for i, o in ((1, 8), (8, 16), (16, 32)))
        self.norm1, self.norm2, self.norm3 = nn.BatchNorm2d(8), nn.BatchNorm2d(16), nn.BatchNorm2d(32)
        self.pool, self.out = nn.MaxPool2d(2), nn.Linear(32, 10)
        self.drop = nn.Dropout(0.1)

    def forward(self, images):
        x = self.pool(F.relu(self.norm1(self.conv1(images))))
        x = F.relu(self.norm2(self.conv2(x)))
        x = F.relu(self.norm3(self.conv3(x)))
        return self.out(self.drop(F.adaptive_max_pool2d(x, 1).squeeze(-1).squeeze(-1)))


def train(images, labels, steps, seed):
    torch.manual_seed(seed)
    model = SmallCNN().train()
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    order = []
    for _ in range(steps):
        if len(order) < 32:
            order = torch.randperm(len(images)).tolist()
        batch, order = order[:32], order[32:]
        optimiser.zero_grad()
        F.cross_entropy(model(images[batch]), labels[batch]).backward()
        optimiser.step()
        schedule.step()
    return model.eval()
