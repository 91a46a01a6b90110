EXPLANATION = {
    "en": "Your second norm uses gamma_1 and beta_1 again. How many norms does a layer have, and do they learn the same?",
    "zh": "你的第二个归一化又用了 gamma_1 和 beta_1。一层里有几个归一化？它们学到的一样吗？",
}


def encoder_layer(x, weights, heads, keep_mask=None):
    attended = multi_head_attention(x, x, x, *_matrices(weights, "W"), heads, keep_mask)
    x = layer_norm(x + attended, weights["gamma_1"], weights["beta_1"])
    return layer_norm(x + _feed_forward(x, weights), weights["gamma_1"], weights["beta_1"])
