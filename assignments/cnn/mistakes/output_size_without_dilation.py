EXPLANATION = {
    "en": "Your size is that of a kernel without gaps. From its first entry to its last, how far does a kernel of 3 with "
    "dilation 2 reach?",
    "zh": "你的尺寸对应没有空洞的卷积核。长度为 3、空洞率为 2 的核，从第一个元素到最后一个元素跨了多远？",
}
CHECKS = ["output_sizes_of_the_table", "output_sizes_for_any_kernel"]


def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return (size + 2 * padding - kernel) // stride + 1
