EXPLANATION = {
    "en": "You set the logits of padding to 0 instead of leaving its loss out. What is the cross-entropy of K equal logits?",
    "zh": "你把填充处的 logits 设成 0，而不是把它的损失排除在外。K 个相等的 logits，交叉熵是多少？",
}


def masked_cross_entropy(logits, labels, lengths):
    mask = length_mask(lengths, labels.shape[1])
    kept, wanted = torch.where(mask[:, :, None], logits, 0), torch.where(mask, labels, 0)
    losses = torch.logsumexp(kept, dim=2) - kept.gather(2, wanted[:, :, None])[:, :, 0]
    return losses.sum() / lengths.sum()
