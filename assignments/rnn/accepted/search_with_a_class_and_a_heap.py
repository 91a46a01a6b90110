"""Hypotheses as objects kept in a heap; a beam that extends all its members in one batch; tokens as a tensor."""

import heapq
from dataclasses import dataclass


@dataclass
class Hypothesis:
    tokens: list
    score: float
    state: object

    @property
    def ended(self):
        return bool(self.tokens) and self.tokens[-1] == EOS


def beam_search(h, decoder, width, max_length):
    beam = [Hypothesis([], 0.0, h)]
    for _ in range(max_length):
        open_ones = [one for one in beam if not one.ended]
        if not open_ones:
            break
        last = torch.tensor([one.tokens[-1] if one.tokens else BOS for one in open_ones])
        log_p, states = decoder_step(last, torch.stack([one.state for one in open_ones]), decoder)
        candidates = [one for one in beam if one.ended]
        for one, row, state in zip(open_ones, log_p, states, strict=True):
            values, tokens = row.topk(min(width, len(row)))
            pairs = zip(values.tolist(), tokens.tolist(), strict=True)
            candidates += [Hypothesis([*one.tokens, token], one.score + value, state) for value, token in pairs]
        beam = heapq.nlargest(width, candidates, key=lambda one: one.score)
    best = max(beam, key=lambda one: one.score)
    return torch.tensor(best.tokens), torch.tensor(best.score, dtype=torch.float64)


def greedy(h, decoder, max_length):
    written = torch.full((h.shape[0], max_length), EOS)
    for n in range(h.shape[0]):
        state, token = h[n : n + 1], torch.tensor([BOS])
        for t in range(max_length):
            log_p, state = decoder_step(token, state, decoder)
            token = log_p.argmax(dim=-1)
            written[n, t] = token[0]
            if int(token) == EOS:
                break
    return written


def decoder_step(tokens, h, decoder):
    one_hot = (tokens[:, None] == torch.arange(len(decoder["E"]))).to(h.dtype)
    new = torch.tanh(one_hot @ decoder["E"] @ decoder["W_hx"].T + h @ decoder["W_hh"].T + decoder["b"])
    return torch.log_softmax(new @ decoder["V"].T + decoder["c"], dim=-1), new


def teacher_forcing(h, targets, decoder):
    read = torch.cat([torch.full((len(targets), 1), BOS), targets[:, :-1]], dim=1)
    states = rnn_forward(decoder["E"][read], h, decoder["W_hh"], decoder["W_hx"], decoder["b"])
    return torch.log_softmax(states @ decoder["V"].T + decoder["c"], dim=-1)


def encode(source, lengths, encoder):
    states = []
    for row, length in zip(source, lengths.tolist(), strict=True):
        h = torch.zeros(1, encoder["W_hh"].shape[0], dtype=encoder["W_hh"].dtype)
        for token in row[:length]:
            h = rnn_step(encoder["E"][token][None], h, encoder["W_hh"], encoder["W_hx"], encoder["b"])
        states.append(h[0])
    return torch.stack(states)
