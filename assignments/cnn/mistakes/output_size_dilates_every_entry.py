EXPLANATION = {
    "en": "Your size lets the kernel reach over dilation · kernel pixels. Is there a gap after its last entry as well?",
    "zh": "你认为卷积核覆盖 dilation · kernel 个像素。最后一个元素后面也有空隙吗？",
}
CHECKS = ["output_sizes_of_the_table", "output_sizes_for_any_kernel"]


def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - dilation * kernel) // stride + 1
