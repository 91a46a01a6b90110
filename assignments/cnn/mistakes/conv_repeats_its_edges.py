EXPLANATION = {
    "en": "Your padding repeats the pixels of the edge. What does the homework add around an image?",
    "zh": "你的填充重复了边缘的像素。作业要求在图像四周补什么？",
}


_unpadded_conv = conv2d_forward


def conv2d_forward(x, weight, bias, stride=1, padding=0, dilation=1):
    rows, columns = (torch.arange(-padding, side + padding).clamp(0, side - 1) for side in x.shape[2:])
    return _unpadded_conv(x[:, :, rows][:, :, :, columns], weight, bias, stride, 0, dilation)
