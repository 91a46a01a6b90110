EXPLANATION = {
    "en": "Your principal directions pass through the origin. Where is the middle of data that lie elsewhere?",
    "zh": "你的主方向都经过原点。如果数据不在原点附近，它们的中心在哪里？",
}


def linear_reconstruction(x, size):
    _, _, directions = torch.linalg.svd(x, full_matrices=False)
    return x @ directions[:size].T @ directions[:size]
