"""Patches by a convolution with a stride, windows by unfold; positions by complex numbers."""


def positions(steps, size, start=0):
    place = torch.arange(start, start + steps).float()
    turns = torch.exp(-math.log(10000.0) / size * torch.arange(0, size, 2).float())
    table = torch.empty(steps, size)
    table[:, 0::2], table[:, 1::2] = torch.sin(place[:, None] * turns), torch.cos(place[:, None] * turns)
    return table


def shift_matrix(offset, size):
    hands = torch.polar(torch.ones(size // 2), offset / 10000 ** (torch.arange(size // 2) * 2 / size))
    M = torch.zeros(size // 2, 2, size // 2, 2)
    each = torch.arange(size // 2)
    M[each, 0, each, 0] = M[each, 1, each, 1] = hands.real
    M[each, 0, each, 1], M[each, 1, each, 0] = hands.imag, -hands.imag
    return M.reshape(size, size)


def patch_embedding(images, W, b, class_token, P, patch):
    kernels = W.reshape(len(W), images.shape[1], patch, patch)
    tokens = torch.conv2d(images, kernels, b, stride=patch).flatten(2).transpose(1, 2)
    return torch.cat((class_token.repeat(len(images), 1, 1), tokens), 1).add(P)


def window_partition(x, window, shift=0):
    x = torch.cat([x[:, shift:], x[:, :shift]], dim=1)
    x = torch.cat([x[:, :, shift:], x[:, :, :shift]], dim=2)
    cut = x.unfold(1, window, window).unfold(2, window, window)  # (N, rows, columns, D, window, window)
    return cut.permute(0, 1, 2, 4, 5, 3).reshape(-1, window * window, x.shape[3])


def window_merge(windows, height, width, shift=0):
    """By asking window_partition where each place has gone."""
    per_image = height * width // windows.shape[1]
    places = window_partition(torch.arange(height * width).view(1, height, width, 1), math.isqrt(windows.shape[1]), shift)
    x = windows.reshape(len(windows) // per_image, height * width, -1)
    return x[:, places.flatten().argsort()].reshape(len(x), height, width, -1)


def shifted_window_mask(height, width, window, shift):
    """As in Swin's own code: three stripes each way, numbered, and windows of numbers compared."""
    image, number = torch.zeros(1, height, width, 1), 0
    stripes = [slice(0, -window), slice(-window, -shift), slice(-shift, None)] if shift else [slice(None)]
    for rows in stripes:
        for columns in stripes:
            image[:, rows, columns] = number
            number += 1
    numbers = window_partition(image, window).squeeze(-1)
    return (numbers.unsqueeze(1) - numbers.unsqueeze(2)) == 0
