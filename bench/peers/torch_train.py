"""Training of bench/engine in PyTorch: an MLP of three layers of 128 in EDM
preconditioning on points in two dimensions, batches of 512, Adam, the weights
averaged, float32, on one thread.

    python3 bench/peers/torch_train.py [steps] [threads]

Prints milliseconds per step, the first hundred steps left out.
"""
import copy
import math
import sys
import time

import torch

D, WIDTH, DEPTH, EMBEDDING, BATCH = 2, 128, 3, 32, 512


class Network(torch.nn.Module):
    """Hidden layers see an embedding of the noise level, as abide's do."""

    def __init__(self):
        super().__init__()
        sizes = [D] + [WIDTH] * DEPTH + [D]
        self.w = torch.nn.ModuleList(torch.nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.v = torch.nn.ModuleList(torch.nn.Linear(EMBEDDING, WIDTH, bias=False) for _ in range(DEPTH))
        self.register_buffer("frequencies", 2 ** (6 * torch.arange(EMBEDDING // 2) / (EMBEDDING // 2)))
        torch.nn.init.zeros_(self.w[-1].weight)
        torch.nn.init.zeros_(self.w[-1].bias)

    def forward(self, u, c):
        arg = c * self.frequencies
        e = torch.cat([torch.cos(arg), torch.sin(arg)], 1)
        h = u
        for w, v in zip(self.w, self.v):
            h = torch.nn.functional.silu(w(h) + v(e))
        return self.w[-1](h)


def loss(network, u):
    sigma = torch.exp(-1.2 + 1.2 * torch.randn(len(u), 1))
    z = u + sigma * torch.randn_like(u)
    root = torch.sqrt(sigma**2 + 1)
    d = z / root**2 + sigma / root * network(z / root, torch.log(sigma) / 4)
    return ((sigma**2 + 1) / sigma**2 * (d - u) ** 2).mean()


def train(data, steps, warm=0, rate=1e-3, decay=0.999, loss=loss):
    """Returns the averaged network and the seconds of the steps after the warm ones."""
    network = Network()
    average = copy.deepcopy(network)
    adam = torch.optim.Adam(network.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(adam, lambda k: min(1, (k + 1) / (0.02 * steps)) * 0.5 * (1 + math.cos(math.pi * k / steps)))
    for k in range(steps):
        if k == warm:
            start = time.perf_counter()
        adam.zero_grad()
        loss(network, data[torch.randint(len(data), (BATCH,))]).backward()
        adam.step()
        schedule.step()
        with torch.no_grad():
            torch._foreach_lerp_(list(average.parameters()), list(network.parameters()), 1 - min(decay, (2 + k) / (11 + k)))
    return average, time.perf_counter() - start


if __name__ == "__main__":
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    torch.set_num_threads(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
    torch.manual_seed(0)
    _, seconds = train(torch.randn(4096, D), steps + 100, warm=100)
    print(f"torch {torch.__version__}, {torch.get_num_threads()} thread(s): {1e3 * seconds / steps:.3f} ms per step")
