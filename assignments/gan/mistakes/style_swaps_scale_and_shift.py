EXPLANATION = {
    "en": "Your layer takes the first C numbers of A w + a for shifts. Which half is which?",
    "zh": "你把 A w + a 的前 C 个数当成了平移。哪一半是缩放，哪一半是平移？",
}


def style_layer(x, noise, w, strength, A, a):
    shift, scale = (w @ A.T + a).chunk(2, dim=1)
    return adain(leaky_relu(inject_noise(x, noise, strength)), scale, shift)
