EXPLANATION = {
    "en": "Your newest place sees the cache, but not itself. What does the causal mask say about its diagonal?",
    "zh": "你的新位置看得到缓存，却看不到自己。因果掩码的对角线上是什么？",
}


def cached_attention(x, keys, values, W_q, W_k, W_v, W_o, heads):
    q, k, v = (split_heads(x @ W.T, heads) for W in (W_q, W_k, W_v))
    found = attention(q, keys, values)[0] if keys.shape[2] else torch.zeros_like(v)
    return merge_heads(found) @ W_o.T, torch.cat([keys, k], dim=2), torch.cat([values, v], dim=2)
