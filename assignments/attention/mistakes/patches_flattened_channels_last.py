EXPLANATION = {
    "en": "Your patches are flattened with the channels last. Which of channel, row, column comes first?",
    "zh": "你展平图像块时把通道放在了最后。通道、行、列之中，哪个在最前？",
}


def patch_embedding(images, W, b, class_token, P, patch):
    n, channels, height, width = images.shape
    cut = images.reshape(n, channels, height // patch, patch, width // patch, patch)
    flat = cut.permute(0, 2, 4, 3, 5, 1).reshape(n, -1, channels * patch**2)
    return torch.cat([class_token.expand(n, 1, -1), flat @ W.T + b], dim=1) + P
