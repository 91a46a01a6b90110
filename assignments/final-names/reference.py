"""The strongest baseline: convolutions over letters, the largest answer of each filter, one linear layer.

Source: Kim 2014, "Convolutional Neural Networks for Sentence Classification", with letters for words.
"""

import torch
from torch import Tensor, nn

LONGEST, LETTERS, CLASSES = 8, 27, 10  # letter 0 is the blank after a word
EMBEDDING, FILTERS, WIDTHS, DROPOUT = 24, 96, (2, 3, 4), 0.4
EPOCHS, BATCH, RATE, DECAY = 12, 64, 5e-3, 1e-2


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(LETTERS, EMBEDDING)
        self.filters = nn.ModuleList(nn.Conv1d(EMBEDDING, FILTERS, width, padding=width // 2) for width in WIDTHS)
        self.dropout = nn.Dropout(DROPOUT)
        self.head = nn.Linear(len(WIDTHS) * FILTERS, CLASSES)

    def forward(self, letters: Tensor) -> Tensor:
        """letters: (N, 8) int64    returns: (N, 10)"""
        read = self.embedding(letters).transpose(1, 2)
        largest = [layer(read).amax(dim=2).relu() for layer in self.filters]
        return self.head(self.dropout(torch.cat(largest, dim=1)))


def fit(train: dict, budget: dict[str, float]) -> nn.Module:
    """As many epochs as were planned: whoever stops by the clock has another result each time."""
    inputs, labels = numbered(train["inputs"]), train["labels"]
    model = Network()
    weight = class_weights(labels)
    optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=EPOCHS * -(-len(inputs) // BATCH))
    model.train()
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(inputs)).split(BATCH):
            optimiser.zero_grad()
            nn.functional.cross_entropy(model(inputs[batch]), labels[batch], weight).backward()
            optimiser.step()
            schedule.step()
    return model


def predict(model: nn.Module, inputs: list[str]) -> Tensor:
    model.eval()
    return model(numbered(inputs)).argmax(dim=1)


def numbered(words: list[str]) -> Tensor:
    """(N, 8) int64: a is 1, z is 26, and 0 where the word has ended"""
    rows = [[ord(letter) - ord("a") + 1 for letter in word] + [0] * (LONGEST - len(word)) for word in words]
    return torch.tensor(rows, dtype=torch.int64)


def class_weights(labels: Tensor) -> Tensor:
    """(10,) float32: every language weighs the same, however many words it has"""
    counts = labels.bincount(minlength=CLASSES).clamp(min=1)
    return len(labels) / (CLASSES * counts.float())
