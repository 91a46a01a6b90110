EXPLANATION = {
    "en": "Your size counts the steps. If the kernel makes no step at all, at how many positions was it?",
    "zh": "你数的是移动的次数。一步都不移动时，卷积核已经有几个位置？",
}
CHECKS = ["output_sizes_of_the_table", "output_sizes_for_any_kernel"]


def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * (kernel - 1) - 1) // stride
