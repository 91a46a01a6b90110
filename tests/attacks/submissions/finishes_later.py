# EXPECT: graded 0 wrong_value crashed
# ROW: A19, A10
"""Returns at once and has a thread fill in the answer afterwards."""

import threading
import time

import torch


def later(answer, compute):
    time.sleep(0.3)
    with torch.no_grad():
        answer.copy_(compute())


def double(x):
    answer = torch.zeros_like(x)
    threading.Thread(target=later, args=(answer, lambda: 2 * x), daemon=True).start()
    return answer


def affine(x, w):
    answer = torch.zeros(len(x), w.shape[1]) + 0 * (x @ w)
    threading.Thread(target=later, args=(answer, lambda: x @ w + 1), daemon=True).start()
    return answer
