"""MLP from scratch - Ravi Menon"""

import torch


# === activation functions ===
def sigmoid(x):
    decay = torch.exp(-x.abs())
    return torch.where(x >= 0, 1 / (1 + decay), decay / (1 + decay))


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
    mask = (x > 0).to(x.dtype)
    return mask + slope * (1 - mask)


def elu(x, alpha=1.0):
    return relu(x) + alpha * torch.expm1(x.clamp(max=0))


def elu_derivative(x, alpha=1.0):
    mask = (x > 0).to(x.dtype)
    return mask + (1 - mask) * alpha * torch.exp(x.clamp(max=0))


def prelu(x, slope):
    return x.clamp(min=0) + slope * x.clamp(max=0)


def prelu_derivatives(x, slope):
    mask = (x > 0).to(x.dtype)
    return (mask + (1 - mask) * slope, x.clamp(max=0))


# === part 1 ===
class Perceptron:

    def __init__(self, inputs):
        self.weight = torch.zeros(inputs)
        self.bias = torch.zeros(())

    def predict(self, x):
        pre = x.matmul(self.weight) + self.bias
        return (pre > 0).to(torch.int64)

    def fit(self, x, y, rate=1.0, max_epochs=100):
        for _ in range(max_epochs):
            errors = 0
            for idx in range(x.shape[0]):
                delta = int(y[idx]) - int(self.predict(x[idx:idx + 1]))
                if delta == 0:
                    continue
                errors += 1
                self.weight = self.weight + rate * delta * x[idx]
                self.bias = self.bias + rate * delta
            if errors == 0:
                return True
        return False


# === part 2, XOR by hand ===
def two_layer_network(x, W, c, w, b):
    hid = torch.maximum(x @ W + c, torch.zeros(()))
    return torch.mv(hid, w) + b


def xor_weights():
    return (torch.ones(2, 2), torch.tensor([0.0, -1.0]), torch.tensor([1.0, -2.0]), torch.tensor(0.0))


# === layers, forward and back ===
def affine_forward(x, weight, bias):
    return (torch.einsum('...d,dm->...m', x, weight) + bias, (x, weight))


def affine_backward(dout, cache):
    x, weight = cache
    dx = torch.einsum('...m,dm->...d', dout, weight)
    flat_x, flat_dout = (x.flatten(0, -2), dout.flatten(0, -2))
    return (dx, flat_x.T @ flat_dout, flat_dout.sum(0))


def relu_forward(x):
    return (relu(x), x)


def relu_backward(dout, cache):
    return torch.where(cache > 0, dout, torch.zeros_like(dout))


def softmax_forward(x):
    pre = x - x.max(1, keepdim=True)[0]
    p = pre.exp() / pre.exp().sum(1, keepdim=True)
    return (p, p)


def softmax_backward(dout, cache):
    return cache * dout - cache * torch.einsum('nc,nc->n', cache, dout)[:, None]


# === losses ===
def mse_loss(prediction, target):
    batch_size = prediction.shape[0]
    residual = prediction - target
    return (0.5 * torch.sum(residual * residual) / batch_size, residual / batch_size)


def mae_loss(prediction, target):
    batch_size = prediction.shape[0]
    residual = prediction - target
    return (torch.sum(torch.abs(residual)) / batch_size, torch.sign(residual) / batch_size)


def zero_one_loss(logits, labels):
    return 1 - (logits.argmax(1) == labels).to(logits.dtype).mean()


def softmax_cross_entropy(logits, labels):
    batch_size, classes = logits.shape
    pre = logits - logits.max(1, keepdim=True)[0]
    logq = pre - torch.log(torch.exp(pre).sum(1, keepdim=True))
    targets_1h = (labels[:, None] == torch.arange(classes)).to(logits.dtype)
    return (-(targets_1h * logq).sum() / batch_size, (torch.exp(logq) - targets_1h) / batch_size)


# === optimisers ===
def sgd_step(parameters, gradients, rate):
    return [p - rate * g for p, g in zip(parameters, gradients)]


def momentum_step(parameters, gradients, state=None, rate=0.01, momentum=0.9):
    if state is None:
        state = [torch.zeros_like(p) for p in parameters]
    state = [momentum * v + g for v, g in zip(state, gradients)]
    return ([p - rate * v for p, v in zip(parameters, state)], state)


def adam_step(parameters, gradients, state=None, rate=0.001, beta1=0.9, beta2=0.999, eps=1e-08):
    if state is None:
        state = {'t': 0, 'm': [torch.zeros_like(p) for p in parameters], 'v': [torch.zeros_like(p) for p in parameters]}
    step_no = state['t'] + 1
    params_out, ms, vs = ([], [], [])
    for p, g, m, v in zip(parameters, gradients, state['m'], state['v']):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g ** 2
        mc, vc = (m / (1 - beta1 ** step_no), v / (1 - beta2 ** step_no))
        params_out.append(p - rate * mc / (vc ** 0.5 + eps))
        ms.append(m)
        vs.append(v)
    return (params_out, {'t': step_no, 'm': ms, 'v': vs})


# === checking gradients numerically ===
class Polynomial:
    """Given: f(w) = Σ_k coefficients[k] · Σ_i w_i^k. Polynomial([0, 0, 1]) is the sum of squares."""

    def __init__(self, coefficients):
        self.coefficients = coefficients

    def __call__(self, w):
        return sum((c * (w ** k).sum() for k, c in enumerate(self.coefficients)))


def numerical_gradient(f, w, h=0.0001):
    f0 = f(w)
    vec = w.reshape(-1)
    grads = []
    for idx in range(vec.numel()):
        bump = torch.zeros_like(vec)
        bump[idx] = h
        grads.append((f((vec + bump).reshape(w.shape)) - f0) / h)
    return torch.stack(grads).reshape(w.shape)


def relative_error(a, b):
    denom = torch.maximum(a.abs() + b.abs(), torch.full_like(a, 1e-08))
    return torch.max((a - b).abs() / denom)


def gradient_check(f, gradient, w, h=0.0001, tolerance=0.001):
    return relative_error(gradient, numerical_gradient(f, w, h)).item() <= tolerance


# === the network itself ===
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
        acts = [x]
        depth = len(self.params) // 2
        for idx in range(depth):
            pre = acts[-1] @ self.params[2 * idx] + self.params[2 * idx + 1]
            acts.append(relu(pre) if idx + 1 < depth else pre)
        return acts

    def loss_and_gradients(self, x, labels):
        acts = self.run(x)
        loss, d = softmax_cross_entropy(acts[-1], labels)
        grads_all = []
        for idx in reversed(range(len(self.params) // 2)):
            hid = acts[idx]
            grads_all = [hid.T @ d, d.sum(0)] + grads_all
            if idx > 0:
                d = d @ self.params[2 * idx].T * (hid > 0)
        return (loss, grads_all)


def train(inputs, labels, steps, seed):
    model = MLP([64, 128, 10], seed)
    g = torch.Generator()
    g.manual_seed(seed)
    memory = None
    perm = torch.randperm(len(inputs), generator=g)
    pos = 0
    for _ in range(steps):
        if pos + 64 > len(perm):
            perm = torch.randperm(len(inputs), generator=g)
            pos = 0
        pick = perm[pos:pos + 64]
        pos += 64
        _, grads_all = model.loss_and_gradients(inputs[pick], labels[pick])
        parameters, memory = adam_step(model.parameters(), grads_all, memory, rate=0.005)
        model.load(parameters)
    return model
