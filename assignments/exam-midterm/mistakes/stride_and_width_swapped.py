EXPLANATION = {
    "en": "Width and stride have changed places.",
    "zh": "窗口宽度与步幅弄反了。",
}


def pooled(x):
    if x.shape[1] < VARIANT["stride"]:
        return x[:, :0]
    return x.unfold(1, VARIANT["stride"], VARIANT["width"]).mean(dim=2)
