EXPLANATION = {
    "en": "Your additive score has no tanh. What is left of a sum of two linear maps after a softmax over the keys?",
    "zh": "你的加性打分少了 tanh。两个线性映射之和经过对键的 softmax，还剩下什么？",
}


def additive_attention(q, k, v, W_q, W_k, w, keep_mask=None):
    return _look_up(((q @ W_q.T).unsqueeze(-2) + (k @ W_k.T).unsqueeze(-3)) @ w, v, keep_mask)
