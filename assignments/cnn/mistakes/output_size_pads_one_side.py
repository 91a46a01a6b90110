EXPLANATION = {
    "en": "Your size counts the padding once. On how many ends of a side are zeros added?",
    "zh": "你只把填充算了一次。一条边有几个端点要补零？",
}
CHECKS = ["output_sizes_of_the_table", "output_sizes_for_any_kernel"]


def output_size(size, kernel, stride=1, padding=0, dilation=1):
    return (size + padding - dilation * (kernel - 1) - 1) // stride + 1
