EXPLANATION = {
    "en": "Your reversal is right inside the sequences but changes what lies past the end. What does the docstring "
    "say about padding?",
    "zh": "序列内部反转正确，但结束之后的内容被改掉了。文档字符串对填充是怎么规定的？",
}


def reverse_sequences(x, lengths):
    out = torch.zeros_like(x)
    for n, length in enumerate(lengths.tolist()):
        out[n, :length] = x[n, :length].flip(0)
    return out
