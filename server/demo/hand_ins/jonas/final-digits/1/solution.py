import torch


def fit(train, budget):
    x = train["inputs"].flatten(1).float() / 15
    y = train["labels"]
    w = torch.zeros(257, 10, requires_grad=True)
    opt = torch.optim.SGD([w], lr=0.5, momentum=0.9)
    ones = torch.ones(len(x), 1)
    x = torch.cat([x, ones], dim=1)
    for i in range(200):
        opt.zero_grad()
        torch.nn.functional.cross_entropy(x @ w, y).backward()
        opt.step()
    return w.detach()


def predict(model, inputs):
    x = inputs.flatten(1).float() / 15
    x = torch.cat([x, torch.ones(len(x), 1)], dim=1)
    return x @ model
