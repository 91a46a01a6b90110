"""Index notation throughout; masks by -inf, with rows that see nothing taken out beforehand; heads as an index."""


def attention(q, k, v, keep_mask=None):
    scores = torch.einsum("...td,...sd->...ts", q, k) * q.shape[-1] ** -0.5
    weights = softmax_of_what_is_seen(scores, keep_mask)
    return torch.einsum("...ts,...se->...te", weights, v), weights


def additive_attention(q, k, v, W_q, W_k, w, keep_mask=None):
    left, right = torch.einsum("ad,...td->...ta", W_q, q), torch.einsum("ad,...sd->...sa", W_k, k)
    scores = torch.einsum("a,...tsa->...ts", w, (left[..., :, None, :] + right[..., None, :, :]).tanh())
    weights = softmax_of_what_is_seen(scores, keep_mask)
    return torch.einsum("...ts,...se->...te", weights, v), weights


def softmax_of_what_is_seen(scores, keep_mask):
    if keep_mask is None:
        keep_mask = torch.ones((), dtype=torch.bool)
    keep_mask = keep_mask.expand(scores.shape)
    blind = ~keep_mask.any(dim=-1, keepdim=True)
    scores = scores.masked_fill(~(keep_mask | blind), float("-inf"))
    return torch.softmax(scores, dim=-1) * (~blind).to(scores.dtype)


def split_heads(x, heads):
    n, steps, size = x.shape
    return x.reshape(n, steps, heads, size // heads).permute(0, 2, 1, 3)


def merge_heads(x):
    return torch.cat(list(x.unbind(dim=1)), dim=-1)


def multi_head_attention(query, key, value, W_q, W_k, W_v, W_o, heads, keep_mask=None):
    W_q, W_k, W_v = (W.reshape(heads, -1, W.shape[1]) for W in (W_q, W_k, W_v))
    q, k = torch.einsum("hcd,ntd->nhtc", W_q, query), torch.einsum("hcd,nsd->nhsc", W_k, key)
    v = torch.einsum("hcd,nsd->nhsc", W_v, value)
    if keep_mask is not None:
        keep_mask = keep_mask.expand(len(query), query.shape[1], key.shape[1])[:, None]
    return torch.einsum("od,ntd->nto", W_o, merge_heads(attention(q, k, v, keep_mask)[0]))


def layer_norm(x, gamma, beta, eps=1e-5):
    var, mean = torch.var_mean(x, dim=-1, correction=0, keepdim=True)
    return torch.addcmul(beta, (x - mean) * torch.rsqrt(var + eps), gamma)
