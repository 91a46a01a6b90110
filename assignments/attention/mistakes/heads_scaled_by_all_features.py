EXPLANATION = {
    "en": "You divide by the root of D, the features of all heads together. How long are the q and k of one head?",
    "zh": "你除以的是 √D，即所有头合起来的特征数。一个头的 q 和 k 有多长？",
}


def multi_head_attention(query, key, value, W_q, W_k, W_v, W_o, heads, keep_mask=None):
    q, k, v = (split_heads(x @ W.T, heads) for x, W in ((query, W_q), (key, W_k), (value, W_v)))
    return merge_heads(attention(q / math.sqrt(heads), k, v, _for_heads(keep_mask))[0]) @ W_o.T
