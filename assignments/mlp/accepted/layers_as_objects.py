"""An MLP made of layer objects that keep their own parameters and caches; Xavier's initialisation; epochs in order."""


class Affine:
    def __init__(self, inputs, outputs, generator):
        bound = (6 / (inputs + outputs)) ** 0.5
        self.weight = (2 * torch.rand(inputs, outputs, generator=generator) - 1) * bound
        self.bias = torch.zeros(outputs)

    def forward(self, x):
        out, self.cache = affine_forward(x, self.weight, self.bias)
        return out

    def backward(self, dout):
        dx, self.dweight, self.dbias = affine_backward(dout, self.cache)
        return dx


class Rectifier:
    def forward(self, x):
        out, self.cache = relu_forward(x)
        return out

    def backward(self, dout):
        return relu_backward(dout, self.cache)


class MLP:
    def __init__(self, sizes, seed=0):
        generator = torch.Generator().manual_seed(seed)
        self.layers = []
        for inputs, outputs in pairwise(sizes):
            self.layers += [Affine(inputs, outputs, generator), Rectifier()]
        self.layers.pop()

    def parameters(self):
        return [tensor for layer in self._affine() for tensor in (layer.weight, layer.bias)]

    def load(self, parameters):
        rest = iter(parameters)
        for layer in self._affine():
            layer.weight, layer.bias = next(rest), next(rest)

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def predict(self, x):
        return torch.max(self.forward(x), 1).indices

    def loss_and_gradients(self, x, labels):
        loss, dout = softmax_cross_entropy(self.forward(x), labels)
        for layer in reversed(self.layers):
            dout = layer.backward(dout)
        return loss, [tensor for layer in self._affine() for tensor in (layer.dweight, layer.dbias)]

    def _affine(self):
        return self.layers[::2]


def train(inputs, labels, steps, seed):
    """Plain SGD without shuffling anew: the samples come in a random order already."""
    model = MLP([64, 128, 10], seed)
    for step in range(steps):
        batch = torch.arange(64 * step, 64 * (step + 1)) % len(inputs)
        _, gradients = model.loss_and_gradients(inputs[batch], labels[batch])
        model.load(sgd_step(model.parameters(), gradients, 0.3))
    return model
