"""The formulas word by word: one loop for each index, one number at a time where that is bearable."""


def cross_correlate(x, w):
    (rows, columns), (height, width) = x.shape, w.shape
    y = torch.zeros(rows - height + 1, columns - width + 1, dtype=x.dtype)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            for u in range(height):
                for v in range(width):
                    y[i, j] += w[u, v] * x[i + u, j + v]
    return y


def convolve(x, w):
    (rows, columns), (height, width) = x.shape, w.shape
    y = torch.zeros(rows - height + 1, columns - width + 1, dtype=x.dtype)
    for i in range(height, rows + 1):  # indices from 1, as in the formula
        for j in range(width, columns + 1):
            terms = [w[u - 1, v - 1] * x[i - u, j - v] for u in range(1, height + 1) for v in range(1, width + 1)]
            y[i - height, j - width] = sum(terms)
    return y


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1):
    n, _, height, width = x.shape
    out_channels, _, kernel_h, kernel_w = weight.shape
    h_out = output_size(height, kernel_h, stride, padding, dilation)
    w_out = output_size(width, kernel_w, stride, padding, dilation)
    padded = torch.zeros(n, x.shape[1], height + 2 * padding, width + 2 * padding, dtype=x.dtype)
    padded[:, :, padding : height + padding, padding : width + padding] = x
    out = torch.empty(n, out_channels, h_out, w_out, dtype=x.dtype)
    for i in range(h_out):
        for j in range(w_out):
            top, left = i * stride, j * stride
            bottom, right = top + dilation * (kernel_h - 1) + 1, left + dilation * (kernel_w - 1) + 1
            window = padded[:, :, top:bottom:dilation, left:right:dilation]
            for o in range(out_channels):
                out[:, o, i, j] = (window * weight[o]).sum(dim=(1, 2, 3)) + bias[o]
    return out


def conv2d_backward(dout, x, weight, stride=1, padding=0, dilation=1):
    height, width = x.shape[2:]
    kernel_h, kernel_w = weight.shape[2:]
    padded = x.new_zeros(x.shape[0], x.shape[1], height + 2 * padding, width + 2 * padding)
    padded[:, :, padding : height + padding, padding : width + padding] = x
    dpadded, dweight, dbias = torch.zeros_like(padded), torch.zeros_like(weight), dout.new_zeros(len(weight))
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            rows = slice(i * stride, i * stride + dilation * (kernel_h - 1) + 1, dilation)
            columns = slice(j * stride, j * stride + dilation * (kernel_w - 1) + 1, dilation)
            for n in range(len(x)):
                dpadded[n, :, rows, columns] += (dout[n, :, i, j, None, None, None] * weight).sum(dim=0)
                dweight += dout[n, :, i, j, None, None, None] * padded[n, :, rows, columns]
            dbias += dout[:, :, i, j].sum(dim=0)
    return dpadded[:, :, padding : padding + height, padding : padding + width], dweight, dbias


def max_pool2d_forward(x, kernel, stride):
    n, channels, height, width = x.shape
    out = torch.empty(n, channels, (height - kernel[0]) // stride + 1, (width - kernel[1]) // stride + 1, dtype=x.dtype)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            window = x[:, :, i * stride : i * stride + kernel[0], j * stride : j * stride + kernel[1]]
            out[:, :, i, j] = window.flatten(2).max(dim=2).values
    return out


def max_pool2d_backward(dout, x, kernel, stride):
    dx = torch.zeros_like(x)
    for n in range(x.shape[0]):
        for c in range(x.shape[1]):
            for i in range(dout.shape[2]):
                for j in range(dout.shape[3]):
                    window = x[n, c, i * stride : i * stride + kernel[0], j * stride : j * stride + kernel[1]]
                    u, v = divmod(int(window.argmax()), kernel[1])
                    dx[n, c, i * stride + u, j * stride + v] += dout[n, c, i, j]
    return dx
