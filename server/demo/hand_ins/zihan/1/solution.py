# 作业一  王梓涵（从 notebook 导出）
import torch


class Perceptron:
    def __init__(self, inputs):
        self.weight = torch.zeros(inputs)
        self.bias = torch.zeros(())

    def predict(self, x):
        return (x @ self.weight + self.bias > 0).int().long()

    def fit(self, x, y, rate=1.0, max_epochs=100):
        for epoch in range(max_epochs):
            converged = True
            for xi, yi in zip(x, y):
                delta = (yi - self.predict(xi.view(1, -1))).squeeze()
                if delta != 0:
                    self.weight = self.weight + rate * delta * xi
                    self.bias = self.bias + rate * delta
                    converged = False
            if converged:
                return True
        return False


def two_layer_network(x, W, c, w, b):
    h = (x @ W + c).clamp_min(0)
    return h @ w + b


def xor_weights():
    W = torch.tensor([[1.0, 1.0], [1.0, 1.0]])
    c = torch.tensor([0.0, -1.0])
    w = torch.tensor([1.0, -2.0])
    b = torch.tensor(0.0)
    return W, c, w, b


def sigmoid(x):
    return 1 / (1 + torch.exp(-x))

def sigmoid_derivative(x):
    return sigmoid(x) * (1 - sigmoid(x))

def tanh(x):
    return torch.tanh(x)

def tanh_derivative(x):
    return 1 - tanh(x).pow(2)

def relu(x):
    return torch.where(x > 0, x, torch.zeros_like(x))

def relu_derivative(x):
    return torch.where(x > 0, torch.ones_like(x), torch.zeros_like(x))

def leaky_relu(x, slope=0.01):
    return torch.where(x > 0, x, slope * x)

def leaky_relu_derivative(x, slope=0.01):
    return torch.where(x > 0, torch.ones_like(x), slope * torch.ones_like(x))

def elu(x, alpha=1.0):
    return torch.where(x > 0, x, alpha * (torch.exp(x) - 1))

def elu_derivative(x, alpha=1.0):
    # x <= 0 时 f'(x) = f(x) + alpha
    return torch.where(x > 0, torch.ones_like(x), elu(x, alpha) + alpha)

def prelu(x, slope):
    return torch.where(x > 0, x, slope * x)

def prelu_derivatives(x, slope):
    return torch.where(x > 0, torch.ones_like(x), slope.expand_as(x)), torch.where(x > 0, torch.zeros_like(x), x)


def mse_loss(prediction, target):
    N = prediction.shape[0]
    d = prediction - target
    return (d ** 2).sum() / (2 * N), d / N

def mae_loss(prediction, target):
    N = prediction.shape[0]
    d = prediction - target
    return d.abs().sum() / N, torch.sign(d) / N

def zero_one_loss(logits, labels):
    return (logits.argmax(dim=-1) != labels).to(logits.dtype).mean()

def softmax_cross_entropy(logits, labels):
    N = logits.shape[0]
    z = logits - logits.max(dim=1, keepdim=True).values      # 减去最大值，防止溢出
    log_p = z - torch.log(torch.exp(z).sum(dim=1, keepdim=True))
    loss = -log_p[torch.arange(N), labels].mean()
    y = torch.zeros_like(logits)
    y[torch.arange(N), labels] = 1
    return loss, (torch.exp(log_p) - y) / N


class Polynomial:
    """Given: f(w) = Σ_k coefficients[k] · Σ_i w_i^k. Polynomial([0, 0, 1]) is the sum of squares."""

    def __init__(self, coefficients):
        self.coefficients = coefficients

    def __call__(self, w):
        return sum(c * (w**k).sum() for k, c in enumerate(self.coefficients))


def numerical_gradient(f, w, h=1e-4):
    g = torch.zeros_like(w)
    for i in range(w.numel()):
        plus = w.clone().reshape(-1)
        minus = w.clone().reshape(-1)
        plus[i] += h
        minus[i] -= h
        # 中心差分的误差是 O(h²)，比前向差分更准
        g.view(-1)[i] = (f(plus.reshape(w.shape)) - f(minus.reshape(w.shape))) / (2 * h)
    return g


def relative_error(a, b):
    return ((a - b).abs() / (a.abs() + b.abs()).clamp(min=1e-8)).max()


def gradient_check(f, gradient, w, h=1e-4, tolerance=1e-3):
    return bool(relative_error(gradient, numerical_gradient(f, w, h)) <= tolerance)


def affine_forward(x, weight, bias):
    return x @ weight + bias, (x, weight)

def affine_backward(dout, cache):
    x, weight = cache
    X = x.reshape(-1, x.shape[-1])
    dY = dout.reshape(-1, dout.shape[-1])
    return (dY @ weight.T).reshape(x.shape), X.T @ dY, dY.sum(dim=0))

def relu_forward(x):
    return relu(x), x

def relu_backward(dout, cache):
    return dout * relu_derivative(cache)

def softmax_forward(x):
    e = torch.exp(x - x.max(dim=1, keepdim=True).values)
    p = e / e.sum(dim=1, keepdim=True)
    return p, p

def softmax_backward(dout, cache):
    s = (dout * cache).sum(dim=1, keepdim=True)
    return (dout - s) * cache


def sgd_step(parameters, gradients, rate):
    return [w - rate * g for w, g in zip(parameters, gradients)]

def momentum_step(parameters, gradients, state=None, rate=0.01, momentum=0.9):
    v = state or [torch.zeros_like(w) for w in parameters]
    v = [momentum * a + g for a, g in zip(v, gradients)]
    return [w - rate * a for w, a in zip(parameters, v)], v

# 偏差修正还没写
def adam_step(parameters, gradients, state=None, rate=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    if state is None:
        state = (0, [torch.zeros_like(w) for w in parameters], [torch.zeros_like(w) for w in parameters])
    t = state[0] + 1
    m = [beta1 * a + (1 - beta1) * g for a, g in zip(state[1], gradients)]
    v = [beta2 * a + (1 - beta2) * g ** 2 for a, g in zip(state[2], gradients)]
    new = [w - rate * a / (b.sqrt() + eps) for w, a, b in zip(parameters, m, v)]
    return new, (t, m, v)


class MLP:
    def __init__(self, sizes, seed=0):
        g = torch.Generator().manual_seed(seed)
        self.p = []
        for i in range(len(sizes) - 1):
            std = (2.0 / sizes[i]) ** 0.5
            self.p.append(torch.normal(0.0, std, (sizes[i], sizes[i + 1]), generator=g))
            self.p.append(torch.zeros(sizes[i + 1]))

    def parameters(self):
        return self.p

    def load(self, parameters):
        self.p = list(parameters)

    def forward(self, x):
        L = len(self.p) // 2
        self.inputs = []
        for l in range(L):
            self.inputs.append(x)
            x = x @ self.p[2 * l] + self.p[2 * l + 1]
            if l < L - 1:
                x = relu(x)
        return x

    def predict(self, x):
        return self.forward(x).argmax(dim=1)

    def loss_and_gradients(self, x, labels):
        loss, d = softmax_cross_entropy(self.forward(x), labels)
        grads = []
        for l in range(len(self.p) // 2 - 1, -1, -1):
            h = self.inputs[l]
            grads = [h.T @ d, d.sum(dim=0)] + grads
            if l > 0:
                d = (d @ self.p[2 * l].T) * relu_derivative(h)
        return loss, grads


def train(inputs, labels, steps, seed):
    g = torch.Generator().manual_seed(seed)
    model = MLP([64, 128, 10], seed)
    state = None
    for step in range(steps):
        i = torch.randint(0, inputs.shape[0], (64,), generator=g)
        loss, grads = model.loss_and_gradients(inputs[i], labels[i])
        new, state = adam_step(model.parameters(), grads, state, rate=3e-3)
        model.load(new)
    return model