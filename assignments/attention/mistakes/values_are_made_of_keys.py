EXPLANATION = {
    "en": "Your values are W_v times the key. In self-attention nobody notices: where does a value come from if it is not the "
    "key?",
    "zh": "你用 W_v 乘的是 key。自注意力里看不出来；但当 value 与 key 不同时，值应当由谁来？",
}


def multi_head_attention(query, key, value, W_q, W_k, W_v, W_o, heads, keep_mask=None):
    q, k = (split_heads(x @ W.T, heads) for x, W in ((query, W_q), (key, W_k)))
    source = key if key.shape[2] == value.shape[2] else torch.cat([key, key], dim=2)[..., : value.shape[2]]
    v = split_heads(source @ W_v.T, heads)
    return merge_heads(attention(q, k, v, _for_heads(keep_mask))[0]) @ W_o.T
