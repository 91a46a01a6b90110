EXPLANATION = {
    "en": "Your derivative is 0 for negative x. Does the function stand still there?",
    "zh": "x 为负时你的导数是 0。函数在那里真的不变吗？",
}


def leaky_relu_derivative(x, slope=0.01):
    return (x > 0).to(x.dtype)
