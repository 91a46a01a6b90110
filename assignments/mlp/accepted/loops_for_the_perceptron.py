"""A perceptron with the bias folded into the weights and plain loops; numerical gradient over index tuples."""

import itertools


class Perceptron:
    def __init__(self, inputs):
        self.augmented = torch.zeros(inputs + 1)

    @property
    def weight(self):
        return self.augmented[:-1].clone()

    @property
    def bias(self):
        return float(self.augmented[-1])

    def predict(self, x):
        return torch.tensor([self._answer(sample) for sample in x])

    def fit(self, x, y, rate=1.0, max_epochs=100):
        for _ in range(max_epochs):
            wrong = 0
            for i in range(len(x)):
                if self._answer(x[i]) != int(y[i]):
                    wrong += 1
                    sign = 1 if int(y[i]) == 1 else -1
                    self.augmented[:-1] += sign * rate * x[i]
                    self.augmented[-1] += sign * rate
            if wrong == 0:
                return True
        return False

    def _answer(self, sample):
        return 1 if float(torch.dot(self.augmented[:-1], sample) + self.augmented[-1]) > 0 else 0


def numerical_gradient(f, w, h=1e-4):
    w, start = w.clone(), float(f(w))
    gradient = torch.empty_like(w)
    for index in itertools.product(*map(range, w.shape)):
        kept = float(w[index])
        w[index] = kept + h
        gradient[index] = (float(f(w)) - start) / h
        w[index] = kept
    return gradient


def xor_weights():
    """A unit for 10, one for 01, one for nothing."""
    W = torch.tensor([[1.0, -1.0, 0.0], [-1.0, 1.0, 0.0]])
    return W, torch.zeros(3), torch.tensor([1.0, 1.0, 5.0]), torch.tensor(0.0)
