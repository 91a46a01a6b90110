"""Eight people solve one task, each in their own way; and the ways to hide that one of these was copied."""

TEMPLATE = '''"""Softmax regression. Fill in the three functions."""
import numpy as np


def prepare(x, mean=None):
    """x: (N, D). Returns (N, D + 1): centred, with a column of ones."""
    raise NotImplementedError


def loss(w, x, y, reg):
    """w: (D, C), x: (N, D), y: (N,). Returns the loss and its gradient."""
    raise NotImplementedError


def fit(x, y, steps, rate):
    """Returns w after some steps of gradient descent."""
    raise NotImplementedError
'''

ADA = '''import numpy as np


def prepare(x, mean=None):
    """x: (N, D). Returns (N, D + 1): centred, with a column of ones."""
    mean = x.mean(axis=0) if mean is None else mean
    centred = (x - mean) / 128.0
    return np.concatenate([centred, np.ones((x.shape[0], 1))], axis=1)


def loss(w, x, y, reg):
    """w: (D, C), x: (N, D), y: (N,). Returns the loss and its gradient."""
    n = x.shape[0]
    scores = x.dot(w)
    scores = scores - scores.max(axis=1, keepdims=True)
    weights = np.exp(scores)
    p = weights / weights.sum(axis=1, keepdims=True)
    picked = p[np.arange(n), y]
    value = -np.log(picked + 1e-9).sum() / n + 0.5 * reg * np.sum(w * w)
    error = p.copy()
    error[np.arange(n), y] -= 1
    grad = x.T.dot(error) / n + reg * w
    return value, grad


def fit(x, y, steps, rate):
    """Returns w after some steps of gradient descent."""
    w = 0.001 * np.random.randn(x.shape[1], y.max() + 1)
    for step in range(steps):
        value, grad = loss(w, x, y, 1e-4)
        w = w - rate * 0.95 ** (step // 10) * grad
        if step % 100 == 0:
            print("after", step, "the loss is", value)
    return w
'''

BEN = """import numpy as np


def prepare(x, mean=None):
    if mean is None:
        mean = np.mean(x, axis=0)
    out = np.ones((len(x), x.shape[1] + 1))
    out[:, :-1] = x - mean
    return out


def loss(w, x, y, reg):
    total, dw = 0.0, np.zeros_like(w)
    for i in range(len(x)):
        s = x[i] @ w
        s -= np.max(s)
        e = np.exp(s)
        total += np.log(np.sum(e)) - s[y[i]]
        for c in range(w.shape[1]):
            dw[:, c] += (e[c] / np.sum(e) - (c == y[i])) * x[i]
    return total / len(x) + reg * np.sum(w ** 2), dw / len(x) + 2 * reg * w


def fit(x, y, steps, rate):
    w = np.zeros((x.shape[1], len(np.unique(y))))
    while steps:
        w -= rate * loss(w, x, y, 0.0)[1]
        steps -= 1
    return w
"""

CHEN = """import numpy as np


def prepare(x, mean=None):
    if mean is not None:
        shifted = x - mean[None, :]
    else:
        shifted = x - x.mean(0)
    return np.hstack((shifted, np.ones((shifted.shape[0], 1))))


def loss(w, x, y, reg):
    logits = np.matmul(x, w)
    top = np.amax(logits, axis=1)
    logsum = top + np.log(np.exp(logits - top[:, None]).sum(1))
    onehot = np.eye(w.shape[1])[y]
    value = np.mean(logsum - (logits * onehot).sum(1))
    soft = np.exp(logits - logsum[:, None])
    return value + reg / 2 * np.linalg.norm(w) ** 2, x.T @ ((soft - onehot) / x.shape[0]) + reg * w


def fit(x, y, steps, rate):
    classes = int(np.max(y)) + 1
    w, velocity = np.random.normal(0, 0.01, (x.shape[1], classes)), 0
    for _ in range(steps):
        _, g = loss(w, x, y, reg=1e-3)
        velocity = 0.9 * velocity - rate * g
        w += velocity
    return w
"""

DORA = """import numpy as np
from scipy.special import log_softmax


def prepare(x, mean=None):
    middle = np.average(x, axis=0) if mean is None else mean
    return np.c_[x - middle, np.ones(x.shape[0])]


def loss(w, x, y, reg):
    count = y.size
    logp = log_softmax(x @ w, axis=-1)
    nll = -logp[range(count), y].mean()
    delta = np.exp(logp)
    np.subtract.at(delta, (np.arange(count), y), 1.0)
    return nll + reg * (w ** 2).sum(), np.einsum("nd,nc->dc", x, delta) / count + reg * 2 * w


def fit(x, y, steps, rate):
    w = np.zeros((x.shape[1], y.max() + 1), dtype=np.float64)
    history = []
    for t in range(1, steps + 1):
        value, gradient = loss(w, x, y, 5e-4)
        history.append(value)
        w = w - gradient * rate / np.sqrt(t)
    return w
"""

EMIL = """import numpy as np


def softmax(z):
    z = z - z.max()
    return np.exp(z) / np.exp(z).sum()


def prepare(x, mean=None):
    rows = []
    if mean is None:
        mean = sum(x) / len(x)
    for row in x:
        rows.append(np.append(row - mean, 1))
    return np.array(rows)


def loss(w, x, y, reg):
    grad = 0 * w
    value = 0
    for row, label in zip(x, y):
        probability = softmax(w.T.dot(row))
        value -= np.log(probability[label])
        probability[label] = probability[label] - 1
        grad = grad + np.outer(row, probability)
    value /= y.shape[0]
    grad /= y.shape[0]
    return value + reg * np.square(w).sum(), grad + 2 * reg * w


def fit(x, y, steps, rate):
    w = np.random.uniform(-0.05, 0.05, size=(x.shape[1], 10))
    for step in range(steps):
        batch = np.random.choice(len(x), 64)
        w -= rate * loss(w, x[batch], y[batch], 0.01)[1]
    return w
"""

FANG = """import numpy as np


def prepare(x, mean=None):
    x = x.astype(float)
    x -= x.mean(axis=0) if mean is None else mean
    bias = np.full((x.shape[0], 1), 1.0)
    return np.append(x, bias, axis=1)


def loss(w, x, y, reg):
    (N, D), C = x.shape, w.shape[1]
    f = x.dot(w)
    f = f - np.max(f, axis=1).reshape(N, 1)
    denominator = np.sum(np.exp(f), axis=1)
    correct = f[np.arange(N), y]
    L = np.sum(np.log(denominator) - correct)
    mask = np.zeros((N, C))
    mask[np.arange(N), y] = 1
    dW = x.T.dot(np.exp(f) / denominator.reshape(N, 1) - mask)
    return L / N + reg * np.sum(w * w), dW / N + 2 * reg * w


def fit(x, y, steps, rate):
    w = np.random.randn(x.shape[1], 1 + np.max(y)) / np.sqrt(x.shape[1])
    best, previous = w, np.inf
    for i in range(steps):
        current, dw = loss(w, x, y, 0)
        if current > previous:
            rate *= 0.5
        else:
            best, previous = w, current
        w = w - rate * dw
    return best
"""

GITA = '''import numpy as np


def prepare(x, mean=None):
    """Centre, then a bias."""
    if mean is None:
        total = np.zeros(x.shape[1])
        for k in range(x.shape[0]):
            total = total + x[k]
        mean = total / x.shape[0]
    return np.vstack([(x - mean).T, np.ones(x.shape[0])]).T


def loss(w, x, y, reg):
    exps = np.exp(np.clip(x @ w, -30, 30))
    probs = exps / np.sum(exps, 1)[:, np.newaxis]
    target = np.zeros(probs.shape)
    for row, label in enumerate(y):
        target[row][label] = 1
    cross = -np.sum(target * np.log(probs)) / x.shape[0]
    return cross + reg * np.trace(w.T @ w), np.dot(x.T, probs - target) / x.shape[0] + 2 * reg * w


def fit(x, y, steps, rate):
    w = np.ones((x.shape[1], len(set(y)))) * 1e-2
    m = v = np.zeros(w.shape)
    for k in range(steps):
        g = loss(w, x, y, 1e-5)[1]
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        w = w - rate * m / (np.sqrt(v) + 1e-8)
    return w
'''

HUGO = """import numpy as np


def prepare(x, mean=None):
    result = np.empty((x.shape[0], x.shape[1] + 1))
    result[:, 0:x.shape[1]] = x
    result[:, 0:x.shape[1]] -= np.median(x) if mean is None else mean
    result[:, x.shape[1]] = 1
    return result


def loss(w, x, y, reg):
    margins = x @ w
    margins = margins.T - margins.max(1)
    table = np.exp(margins) / np.exp(margins).sum(0)
    surprise = [-np.log2(table[label, column]) for column, label in enumerate(y)]
    for column, label in enumerate(y):
        table[label, column] -= 1
    return sum(surprise) * np.log(2) / len(surprise) + 0.5 * reg * np.dot(w.ravel(), w.ravel()), (table @ x).T / len(y) + reg * w


def fit(x, y, steps, rate):
    shape = x.shape[1], np.bincount(y).size
    w = np.zeros(shape)
    order = np.random.permutation(len(y))
    for epoch in range(steps):
        for part in np.array_split(order, 8):
            w[...] -= rate * loss(w, x[part], y[part], 1e-2)[1]
    return w
"""

HONEST = {"ada": ADA, "ben": BEN, "chen": CHEN, "dora": DORA, "emil": EMIL, "fang": FANG, "gita": GITA, "hugo": HUGO}

# Ada's work under other names
RENAMED = """import numpy as np

def prepare(data, mu=None):
    mu = data.mean(axis=0) if mu is None else mu
    q = (data - mu) / 128.0
    return np.concatenate([q, np.ones((data.shape[0], 1))], axis=1)

def loss(theta, data, labels, strength):
    # cross entropy
    rows = data.shape[0]
    z = data.dot(theta)
    z = z - z.max(axis=1, keepdims=True)
    e = np.exp(z)
    probs = e / e.sum(axis=1, keepdims=True)
    right = probs[np.arange(rows), labels]
    result = -np.log(right + 1e-9).sum() / rows + 0.5 * strength * np.sum(theta * theta)
    d = probs.copy()
    d[np.arange(rows), labels] -= 1
    back = data.T.dot(d) / rows + strength * theta
    return result, back

def fit(data, labels, epochs, eta):
    theta = 0.001 * np.random.randn(data.shape[1], labels.max() + 1)
    for k in range(epochs):
        result, back = loss(theta, data, labels, 1e-4)
        theta = theta - eta * 0.95 ** (k // 10) * back
        if k % 100 == 0:
            print("epoch", k, "has loss", result)
    return theta
"""

REORDERED = """import numpy as np

def fit(x, y, steps, rate):
    w = 0.001 * np.random.randn(x.shape[1], y.max() + 1)
    for step in range(steps):
        value, grad = loss(w, x, y, 1e-4)
        if step % 100 == 0:
            print("after", step, "the loss is", value)
        w = w - rate * 0.95 ** (step // 10) * grad
    return w

def loss(w, x, y, reg):
    scores = x.dot(w)
    n = x.shape[0]
    scores = scores - scores.max(axis=1, keepdims=True)
    weights = np.exp(scores)
    p = weights / weights.sum(axis=1, keepdims=True)
    error = p.copy()
    error[np.arange(n), y] -= 1
    grad = x.T.dot(error) / n + reg * w
    picked = p[np.arange(n), y]
    value = -np.log(picked + 1e-9).sum() / n + 0.5 * reg * np.sum(w * w)
    return value, grad

def prepare(x, mean=None):
    mean = x.mean(axis=0) if mean is None else mean
    centred = (x - mean) / 128.0
    return np.concatenate([centred, np.ones((x.shape[0], 1))], axis=1)
"""

DEAD_CODE = """import numpy as np

def check_shapes(a, b):
    worst = np.abs(a - b).max()
    while worst > 3:
        worst = worst / 2
    return worst

def prepare(x, mean=None):
    unused = [k for k in range(7)]
    mean = x.mean(axis=0) if mean is None else mean
    debugging = x.sum() * 0
    centred = (x - mean) / 128.0
    if False:
        centred = None
    return np.concatenate([centred, np.ones((x.shape[0], 1))], axis=1)

def loss(w, x, y, reg):
    n = x.shape[0]
    started = 17 * n
    scores = x.dot(w)
    largest = np.max(scores)
    scores = scores - scores.max(axis=1, keepdims=True)
    for nothing in range(0):
        print(nothing)
    weights = np.exp(scores)
    name = str(n) + "rows"
    p = weights / weights.sum(axis=1, keepdims=True)
    picked = p[np.arange(n), y]
    value = -np.log(picked + 1e-9).sum() / n + 0.5 * reg * np.sum(w * w)
    mean_weight = np.mean(w)
    error = p.copy()
    error[np.arange(n), y] -= 1
    grad = x.T.dot(error) / n + reg * w
    return value, grad

def fit(x, y, steps, rate):
    w = 0.001 * np.random.randn(x.shape[1], y.max() + 1)
    counter = 0
    for step in range(steps):
        counter = 5
        value, grad = loss(w, x, y, 1e-4)
        w = w - rate * 0.95 ** (step // 10) * grad
        if step % 100 == 0:
            print("after", step, "the loss is", value)
    return w
"""

# loops, temporaries, spellings and orders of operands, all at once
REWRITTEN = """import numpy as np

def prepare(data, mu=None):
    if not mu is None:
        m = mu
    else:
        m = np.mean(data, axis=0)
    return np.concatenate([(-m + data) / 128.0, np.ones((len(data), 1))], axis=1)

def loss(theta, data, labels, lam):
    dims = data.shape
    rows = dims[0]
    raw = np.matmul(data, theta)
    raw = raw - np.max(raw, axis=1, keepdims=True)
    e = np.exp(raw)
    norm = np.sum(e, axis=1, keepdims=True)
    probs = e / norm
    logs = np.log(1e-9 + probs[np.arange(rows), labels])
    penalty = lam * 0.5 * np.sum(np.square(theta))
    d = probs.copy()
    d[np.arange(rows), labels] = d[np.arange(rows), labels] - 1
    flipped = np.transpose(data)
    return penalty + (-np.sum(logs)) / rows, theta * lam + flipped @ d / rows

def fit(data, labels, epochs, eta):
    theta = np.random.randn(data.shape[1], 1 + np.max(labels)) * 0.001
    k = 0
    while epochs > k:
        out = loss(theta, data, labels, 1e-4)
        factor = 0.95 ** (k // 10) * eta
        if 0 == k % 100:
            print("after", k, "the loss is", out[0])
        theta = theta - out[1] * factor
        k += 1
    return theta
"""
