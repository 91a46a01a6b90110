EXPLANATION = {
    "en": "The squares are added, not averaged. Divide by D.",
    "zh": "平方求了和，没有取平均。请除以 D。",
}


def mean_square(x):
    return (x * x).sum(dim=1)
