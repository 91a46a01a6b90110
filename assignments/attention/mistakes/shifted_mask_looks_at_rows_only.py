EXPLANATION = {
    "en": "Your mask separates top from bottom, but not left from right. Over which edges does the shift carry places?",
    "zh": "你的掩码分开了上和下，却没有分开左和右。移动会让位置越过哪几条边缘？",
}


def shifted_window_mask(height, width, window, shift):
    region = (torch.arange(height) >= height - shift).long()[:, None].expand(height, width)
    windows = window_partition(region[None, :, :, None], window)[:, :, 0]
    return windows[:, :, None] == windows[:, None, :]
