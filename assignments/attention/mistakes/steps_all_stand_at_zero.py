EXPLANATION = {
    "en": "Each of your steps stands at position 0. How many places are in the cache already?",
    "zh": "你的每一步都站在位置 0。缓存里已经有几个位置了？",
}


def decode_step(tokens, cache, memory, lengths, model):
    heads, keep_memory, new_cache = model["heads"], padding_mask(lengths, memory.shape[1]), []
    x = embed(tokens[:, None], model["E"])
    for weights, (keys, values) in zip(model["decoder"], cache, strict=True):
        attended, keys, values = cached_attention(x, keys, values, *_matrices(weights, "W"), heads)
        x = _after_self_attention(x, attended, memory, weights, heads, keep_memory)
        new_cache.append((keys, values))
    return _log_probabilities(x, model)[:, 0], new_cache
