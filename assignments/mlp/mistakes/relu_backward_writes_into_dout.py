EXPLANATION = {
    "en": "The values are right, but dout itself has changed after the call. Who else may still need it?",
    "zh": "数值是对的，但调用之后 dout 被改掉了。还有谁可能要用它？",
}


def relu_backward(dout, cache):
    dout[cache <= 0] = 0
    return dout
