# 作业一：从感知机到多层感知机    林晓
import torch


# ---------- 感知机 ----------
class Perceptron:
    def __init__(self, inputs):
        self.weight = torch.zeros(inputs)
        self.bias = torch.zeros(())

    def predict(self, x):
        z = x.matmul(self.weight) + self.bias
        return (z > 0).to(torch.int64)

    def fit(self, x, y, rate=1.0, max_epochs=100):
        for _ in range(max_epochs):
            wrong = 0
            for i in range(x.shape[0]):
                diff = int(y[i]) - int(self.predict(x[i : i + 1]))
                if diff == 0:
                    continue
                wrong += 1
                self.weight = self.weight + rate * diff * x[i]
                self.bias = self.bias + rate * diff
            if wrong == 0:
                return True
        return False


# ---------- 异或 ----------
def two_layer_network(x, W, c, w, b):
    h = torch.maximum(x @ W + c, torch.zeros(()))
    return torch.mv(h, w) + b


def xor_weights():
    # 第一个隐藏单元数 1 的个数，第二个只在 11 时亮
    return (
        torch.ones(2, 2),
        torch.tensor([0.0, -1.0]),
        torch.tensor([1.0, -2.0]),
        torch.tensor(0.0),
    )


# ---------- 激活函数 ----------
def sigmoid(x):
    # 分正负两段写，避免 exp 溢出
    e = torch.exp(-x.abs())
    return torch.where(x >= 0, 1 / (1 + e), e / (1 + e))


def sigmoid_derivative(x):
    return sigmoid(x) * sigmoid(-x)


def tanh(x):
    return 2 * sigmoid(2 * x) - 1


def tanh_derivative(x):
    return 4 * sigmoid_derivative(2 * x)


def relu(x):
    return x * (x > 0)


def relu_derivative(x):
    return (x > 0).to(x.dtype)


def leaky_relu(x, slope=0.01):
    return x * leaky_relu_derivative(x, slope)


def leaky_relu_derivative(x, slope=0.01):
    positive = (x > 0).to(x.dtype)
    return positive + slope * (1 - positive)


def elu(x, alpha=1.0):
    return relu(x) + alpha * torch.expm1(x.clamp(max=0))


def elu_derivative(x, alpha=1.0):
    positive = (x > 0).to(x.dtype)
    return positive + (1 - positive) * alpha * torch.exp(x.clamp(max=0))


def prelu(x, slope):
    return x.clamp(min=0) + slope * x.clamp(max=0)


def prelu_derivatives(x, slope):
    positive = (x > 0).to(x.dtype)
    return positive + (1 - positive) * slope, x.clamp(max=0)


# ---------- 损失 ----------
def mse_loss(prediction, target):
    n = prediction.shape[0]
    r = prediction - target
    return 0.5 * torch.sum(r * r) / n, r / n


def mae_loss(prediction, target):
    n = prediction.shape[0]
    r = prediction - target
    return torch.sum(torch.abs(r)) / n, torch.sign(r) / n


def zero_one_loss(logits, labels):
    return 1 - (logits.argmax(1) == labels).to(logits.dtype).mean()


def softmax_cross_entropy(logits, labels):
    n, classes = logits.shape
    z = logits - logits.max(1, keepdim=True)[0]
    log_p = z - torch.log(torch.exp(z).sum(1, keepdim=True))
    onehot = (labels[:, None] == torch.arange(classes)).to(logits.dtype)
    return -(onehot * log_p).sum() / n, (torch.exp(log_p) - onehot) / n


# ---------- 数值梯度 ----------
class Polynomial:
    """Given: f(w) = Σ_k coefficients[k] · Σ_i w_i^k. Polynomial([0, 0, 1]) is the sum of squares."""

    def __init__(self, coefficients):
        self.coefficients = coefficients

    def __call__(self, w):
        return sum(c * (w**k).sum() for k, c in enumerate(self.coefficients))


def numerical_gradient(f, w, h=1e-4):
    base = f(w)
    flat = w.reshape(-1)
    out = []
    for i in range(flat.numel()):
        step = torch.zeros_like(flat)
        step[i] = h
        out.append((f((flat + step).reshape(w.shape)) - base) / h)
    return torch.stack(out).reshape(w.shape)


def relative_error(a, b):
    scale = torch.maximum(a.abs() + b.abs(), torch.full_like(a, 1e-8))
    return torch.max((a - b).abs() / scale)


def gradient_check(f, gradient, w, h=1e-4, tolerance=1e-3):
    return relative_error(gradient, numerical_gradient(f, w, h)).item() <= tolerance


# ---------- 层 ----------
def affine_forward(x, weight, bias):
    return torch.einsum("...d,dm->...m", x, weight) + bias, (x, weight)


def affine_backward(dout, cache):
    x, weight = cache
    dx = torch.einsum("...m,dm->...d", dout, weight)
    x2, d2 = x.flatten(0, -2), dout.flatten(0, -2)
    return dx, x2.T @ d2, d2.sum(0)


def relu_forward(x):
    return relu(x), x


def relu_backward(dout, cache):
    return torch.where(cache > 0, dout, torch.zeros_like(dout))


def softmax_forward(x):
    z = x - x.max(1, keepdim=True)[0]
    p = z.exp() / z.exp().sum(1, keepdim=True)
    return p, p


def softmax_backward(dout, cache):
    # 雅可比矩阵 diag(p) - p pᵀ 乘以 dout
    return cache * dout - cache * torch.einsum("nc,nc->n", cache, dout)[:, None]


# ---------- 优化 ----------
def sgd_step(parameters, gradients, rate):
    return [p - rate * g for p, g in zip(parameters, gradients)]


def momentum_step(parameters, gradients, state=None, rate=0.01, momentum=0.9):
    if state is None:
        state = [torch.zeros_like(p) for p in parameters]
    state = [momentum * v + g for v, g in zip(state, gradients)]
    return [p - rate * v for p, v in zip(parameters, state)], state


def adam_step(parameters, gradients, state=None, rate=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
    if state is None:
        state = {"t": 0, "m": [torch.zeros_like(p) for p in parameters], "v": [torch.zeros_like(p) for p in parameters]}
    t = state["t"] + 1
    new_p, new_m, new_v = [], [], []
    for p, g, m, v in zip(parameters, gradients, state["m"], state["v"]):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
        new_p.append(p - rate * m_hat / (v_hat**0.5 + eps))
        new_m.append(m)
        new_v.append(v)
    return new_p, {"t": t, "m": new_m, "v": new_v}


# ---------- 多层感知机 ----------
class MLP:
    def __init__(self, sizes, seed=0):
        g = torch.Generator()
        g.manual_seed(seed)
        self.params = []
        for d, m in zip(sizes[:-1], sizes[1:]):
            self.params.append(torch.randn(d, m, generator=g) * (2.0 / d) ** 0.5)
            self.params.append(torch.zeros(m))

    def parameters(self):
        return self.params

    def load(self, parameters):
        self.params = [p for p in parameters]

    def forward(self, x):
        return self.run(x)[-1]

    def predict(self, x):
        return self.forward(x).argmax(1)

    def run(self, x):
        """每一层的输入，最后一个是 logits。"""
        values = [x]
        layers = len(self.params) // 2
        for i in range(layers):
            z = values[-1] @ self.params[2 * i] + self.params[2 * i + 1]
            values.append(relu(z) if i + 1 < layers else z)
        return values

    def loss_and_gradients(self, x, labels):
        values = self.run(x)
        loss, d = softmax_cross_entropy(values[-1], labels)
        gradients = []
        for i in reversed(range(len(self.params) // 2)):
            h = values[i]
            gradients = [h.T @ d, d.sum(0)] + gradients
            if i > 0:
                d = (d @ self.params[2 * i].T) * (h > 0)  # h 已经过 ReLU，大于 0 即激活
        return loss, gradients


def train(inputs, labels, steps, seed):
    model = MLP([64, 128, 10], seed)
    g = torch.Generator()
    g.manual_seed(seed)
    state = None
    order = torch.randperm(len(inputs), generator=g)
    start = 0
    for _ in range(steps):
        if start + 64 > len(order):
            order = torch.randperm(len(inputs), generator=g)
            start = 0
        batch = order[start : start + 64]
        start += 64
        _, gradients = model.loss_and_gradients(inputs[batch], labels[batch])
        parameters, state = adam_step(model.parameters(), gradients, state, rate=5e-3)
        model.load(parameters)
    return model
