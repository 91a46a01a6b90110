EXPLANATION = {
    "en": "Your decoder layer hides the future even where no mask asks for it. Who decides, the layer or keep_self?",
    "zh": "没有掩码要求时，你的解码器层也遮住了后面。这由谁决定，是层本身，还是 keep_self？",
}


def decoder_layer(x, memory, weights, heads, keep_self=None, keep_memory=None):
    causal = causal_mask(x.shape[1])
    keep_self = causal if keep_self is None else keep_self & causal
    attended = multi_head_attention(x, x, x, *_matrices(weights, "W"), heads, keep_self)
    return _after_self_attention(x, attended, memory, weights, heads, keep_memory)
