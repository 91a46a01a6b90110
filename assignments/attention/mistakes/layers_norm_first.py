EXPLANATION = {
    "en": "Your layer norms before each sub-layer. Which order does this homework's formula have?",
    "zh": "你的层在每个子层之前归一化。本次作业的公式是什么次序？",
}


def encoder_layer(x, weights, heads, keep_mask=None):
    normed = layer_norm(x, weights["gamma_1"], weights["beta_1"])
    x = x + multi_head_attention(normed, normed, normed, *_matrices(weights, "W"), heads, keep_mask)
    return x + _feed_forward(layer_norm(x, weights["gamma_2"], weights["beta_2"]), weights)
