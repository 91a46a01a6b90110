EXPLANATION = {
    "en": "Your output is the right one, moved: the kernel's corner, not its middle, lies on the position of the output. Which x "
    "does w's middle entry meet?",
    "zh": "你的输出是正确结果的平移：落在输出位置上的是核的角，而不是核的中心。核中心的元素与哪个 x 相乘？",
}


def circular_conv2d(x, weight):
    out = 0
    for u, v in _places(weight.shape[2:]):
        out = out + torch.einsum("nchw,oc->nohw", x.roll((-u, -v), dims=(2, 3)), weight[:, :, u, v])
    return out
