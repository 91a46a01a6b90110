EXPLANATION = {
    "en": "Your scale is float32 while x is float64. Which dtype does torch.rand have unless told otherwise?",
    "zh": "x 是 float64，你的 scale 却是 float32。不加说明时 torch.rand 是什么 dtype？",
}


_typed_dropout = dropout_forward


def dropout_forward(x, drop_prob, training):
    out, scale = _typed_dropout(x, drop_prob, training)
    return out, scale.float()
