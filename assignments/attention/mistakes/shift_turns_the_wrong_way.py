EXPLANATION = {
    "en": "Your matrix moves positions by minus the offset. What is sin(a + b), and where does the minus sign stand?",
    "zh": "你的矩阵平移的是负的 offset。sin(a + b) 展开是什么？负号应当出现在哪里？",
}


_forwards = shift_matrix


def shift_matrix(offset, size):
    return _forwards(offset, size).T
