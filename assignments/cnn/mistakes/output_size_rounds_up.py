EXPLANATION = {
    "en": "Your size is rounded up. If the kernel no longer fits, is there another position?",
    "zh": "你把尺寸向上取整了。剩下的地方放不下卷积核时，还算一个位置吗？",
}
CHECKS = ["output_sizes_of_the_table", "output_sizes_for_any_kernel"]


def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return -(-(size + 2 * padding - dilation * (kernel - 1) - 1) // stride) + 1
