def mean_square(x):
    return x.pow(2).mean(dim=1)
