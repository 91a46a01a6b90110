EPOCHS = 5


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(LETTERS, EMBEDDING)
        self.gru = nn.GRU(EMBEDDING, 32, batch_first=True)
        self.head = nn.Linear(32, CLASSES)

    def forward(self, letters: Tensor) -> Tensor:
        return self.head(self.gru(self.embedding(letters))[0].amax(dim=1))
