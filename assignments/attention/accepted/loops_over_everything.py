"""One query and one head after the other; tables, patches and windows place by place."""


def attention(q, k, v, keep_mask=None):
    before, steps, keys = q.shape[:-2], q.shape[-2], k.shape[-2]
    keep = torch.ones(steps, keys, dtype=torch.bool) if keep_mask is None else keep_mask
    keep = keep.expand(*before, steps, keys)
    rows = []
    for t in range(steps):
        scores = (q[..., t : t + 1, :] * k).sum(dim=-1) / q.shape[-1] ** 0.5
        scores = torch.where(keep[..., t, :], scores, -1e30)
        exponentials = torch.exp(scores - scores.max(dim=-1, keepdim=True).values) * keep[..., t, :]
        total = exponentials.sum(dim=-1, keepdim=True)
        rows.append(exponentials / torch.where(total > 0, total, 1))
    weights = torch.stack(rows, dim=-2)
    return weights @ v, weights


def padding_mask(lengths, steps):
    return torch.tensor([[[s < length for s in range(steps)]] for length in lengths.tolist()])


def causal_mask(steps):
    return torch.tensor([[s <= t for s in range(steps)] for t in range(steps)])


def split_heads(x, heads):
    return torch.stack(x.chunk(heads, dim=2), dim=1)


def merge_heads(x):
    return torch.cat([x[:, h] for h in range(x.shape[1])], dim=2)


def multi_head_attention(query, key, value, W_q, W_k, W_v, W_o, heads, keep_mask=None):
    results = []
    for A, B, C in zip(W_q.chunk(heads), W_k.chunk(heads), W_v.chunk(heads), strict=True):
        results.append(attention(query @ A.T, key @ B.T, value @ C.T, keep_mask)[0])
    return torch.cat(results, dim=-1) @ W_o.T


def positions(steps, size, start=0):
    table = torch.zeros(steps, size)
    for row in range(steps):
        for j in range(size // 2):
            angle = (start + row) / 10000 ** (2 * j / size)
            table[row, 2 * j], table[row, 2 * j + 1] = math.sin(angle), math.cos(angle)
    return table


def shift_matrix(offset, size):
    M = torch.zeros(size, size)
    for j in range(0, size, 2):
        angle = offset / 10000 ** (j / size)
        M[j, j] = M[j + 1, j + 1] = math.cos(angle)
        M[j, j + 1], M[j + 1, j] = math.sin(angle), -math.sin(angle)
    return M


def patch_embedding(images, W, b, class_token, P, patch):
    rows = []
    for image in images:
        tokens = [class_token]
        for top in range(0, image.shape[1], patch):
            for left in range(0, image.shape[2], patch):
                tokens.append(W @ image[:, top : top + patch, left : left + patch].flatten() + b)
        rows.append(torch.stack(tokens) + P)
    return torch.stack(rows)


def window_partition(x, window, shift=0):
    height, width = x.shape[1:3]
    windows = []
    for image in x:
        for top in range(0, height, window):
            for left in range(0, width, window):
                places = [((top + i + shift) % height, (left + j + shift) % width) for i in range(window) for j in range(window)]
                windows.append(torch.stack([image[i, j] for i, j in places]))
    return torch.stack(windows)


def window_merge(windows, height, width, shift=0):
    window = round(windows.shape[1] ** 0.5)
    across, down = width // window, height // window
    image = windows.new_zeros(len(windows) // (across * down), height, width, windows.shape[2])
    for number, content in enumerate(windows):
        n, place = divmod(number, across * down)
        top, left = place // across * window, place % across * window
        for p, value in enumerate(content):
            image[n, (top + p // window + shift) % height, (left + p % window + shift) % width] = value
    return image


def shifted_window_mask(height, width, window, shift):
    masks = []
    for top in range(0, height, window):
        for left in range(0, width, window):
            places = [(top + i, left + j) for i in range(window) for j in range(window)]
            came = [(i + shift >= height, j + shift >= width) for i, j in places]
            masks.append([[one == other for other in came] for one in came])
    return torch.tensor(masks)
