"""Attention, norms and layers as classes that hold their weights; a mask that is added to the scores as 0 or -10000."""


class Norm:
    def __init__(self, weights, number):
        self.gamma, self.beta = weights[f"gamma_{number}"], weights[f"beta_{number}"]

    def __call__(self, x):
        x = x - x.mean(-1, True)
        return x / torch.sqrt(x.square().mean(-1, True) + 1e-5) * self.gamma + self.beta


class Attention:
    def __init__(self, weights, letter, heads):
        self.q, self.k, self.v, self.o = (weights[f"{letter}_{name}"].mT for name in "qkvo")
        self.heads = heads

    def cut(self, x):
        return x.view(x.size(0), x.size(1), self.heads, x.size(2) // self.heads).transpose(1, 2)

    def __call__(self, x, memory, keep):
        q, k, v = self.cut(x @ self.q), self.cut(memory @ self.k), self.cut(memory @ self.v)
        scores = q @ k.mT / q.size(-1) ** 0.5
        if keep is not None:
            keep = (keep if keep.dim() == 2 else keep[:, None]).to(scores.dtype)
            scores = scores + (1 - keep) * -1e4
        weights = scores.softmax(-1)
        weights = weights if keep is None else weights * keep
        return (weights @ v).transpose(1, 2).contiguous().view(x.size(0), x.size(1), -1) @ self.o


class Layer:
    def __init__(self, weights, heads, with_memory):
        self.weights = weights
        self.mine = Attention(weights, "W", heads)
        self.theirs = Attention(weights, "U", heads) if with_memory else None
        self.norms = [Norm(weights, i) for i in range(1, 4 if with_memory else 3)]

    def __call__(self, x, keep, memory=None, keep_memory=None):
        first, *middle, last = self.norms
        x = first(x + self.mine(x, x, keep))
        for norm in middle:
            x = norm(x + self.theirs(x, memory, keep_memory))
        w = self.weights
        return last(x + torch.relu(x @ w["W_1"].mT + w["b_1"]) @ w["W_2"].mT + w["b_2"])


def encoder_layer(x, weights, heads, keep_mask=None):
    return Layer(weights, heads, with_memory=False)(x, keep_mask)


def decoder_layer(x, memory, weights, heads, keep_self=None, keep_memory=None):
    return Layer(weights, heads, with_memory=True)(x, keep_self, memory, keep_memory)


def encode(source, lengths, model):
    x = embed(source, model["E"])
    for weights in model["encoder"]:
        x = encoder_layer(x, weights, model["heads"], padding_mask(lengths, source.size(1)))
    return torch.where(padding_mask(lengths, source.size(1)).mT, x, 0)  # nobody looks there


def decode(tokens, memory, lengths, model):
    x = embed(tokens, model["E"])
    for weights in model["decoder"]:
        x = decoder_layer(x, memory, weights, model["heads"], causal_mask(tokens.size(1)), padding_mask(lengths, memory.size(1)))
    return torch.log_softmax(x @ model["V"].mT + model["c"], dim=-1)
