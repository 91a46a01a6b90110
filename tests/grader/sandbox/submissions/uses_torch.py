"""What submissions to deep-learning exercises do, a function each: all of it must work behind the filter."""

import asyncio
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import shared_memory

import numpy
import torch
from torch import nn
from torch.func import grad, vmap
from torch.utils.data import DataLoader, Dataset


class Squares(Dataset):
    def __len__(self):
        return 64

    def __getitem__(self, index):
        return torch.full((1000,), float(index * index))


def square(x):
    return x * x


def load_by_descriptor(**options):
    torch.multiprocessing.set_sharing_strategy("file_descriptor")
    return sum(float(batch[:, 0].sum()) for batch in DataLoader(Squares(), batch_size=8, num_workers=2, **options))


def load_by_file():
    torch.multiprocessing.set_sharing_strategy("file_system")
    return sum(float(batch[:, 0].sum()) for batch in DataLoader(Squares(), batch_size=8, num_workers=2))


def load_with_workers_that_stay():
    return load_by_descriptor(persistent_workers=True, prefetch_factor=4)


def share_a_model():
    model = nn.Linear(2, 2).requires_grad_(False)
    model.share_memory()
    worker = torch.multiprocessing.Process(target=model.weight.fill_, args=(3,))
    worker.start()
    worker.join()
    return float(model.weight.sum())


def multiply_with_threads():
    torch.set_num_threads(4)
    x = torch.ones(600, 600)
    return [torch.get_num_threads(), float((x @ x)[0, 0])]


def compute_with_numpy():
    a = numpy.random.default_rng(0).random((200, 200))
    numpy.linalg.svd(a), numpy.linalg.inv(a), numpy.fft.fft2(a)
    numpy.save("/tmp/a.npy", a)
    return bool((numpy.load("/tmp/a.npy", mmap_mode="r") == a).all())


def sort_a_million():
    x = torch.rand(1 << 20)
    ordered = x.sort().values
    return bool((ordered[1:] >= ordered[:-1]).all() and x.topk(5).values[0] == ordered[-1])


def train_a_convolution():
    x = torch.randn(8, 3, 16, 16)
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.LazyLinear(10))
    model(x)
    optimizer = torch.optim.AdamW(model.parameters())
    before = model(x).square().mean()
    before.backward()
    optimizer.step()
    return bool(model(x).square().mean() < before)


def attend():
    x = nn.LSTM(8, 8, batch_first=True)(torch.randn(2, 5, 8))[0]
    y = nn.TransformerEncoderLayer(8, 2, batch_first=True)(x)
    y.sum().backward()
    return list(y.shape)


def transform_functions():
    return vmap(grad(lambda x: (x**2).sum()))(torch.ones(3, 2)).tolist()


def script():
    return float(torch.jit.trace(square, torch.ones(3))(torch.full((1,), 3.0)))


def decompose():
    x = torch.eye(16)
    return float(torch.linalg.svd(x).S.sum() + torch.linalg.eigh(x).eigenvalues.sum() + torch.linalg.solve(x, x).sum())


def use_half_precision():
    with torch.autocast("cpu", dtype=torch.bfloat16):
        return float((torch.ones(64, 64) @ torch.ones(64, 64))[0, 0])


def save_and_load():
    weights = nn.Linear(3, 3).state_dict()
    torch.save(weights, "/tmp/weights.pt")
    return all(torch.equal(torch.load("/tmp/weights.pt", mmap=m)["weight"], weights["weight"]) for m in (False, True))


def profile():
    with torch.profiler.profile() as profiler:
        square(torch.ones(3))
    return any("mul" in event.key for event in profiler.key_averages())


def compile_without_a_compiler():
    return float(torch.compile(square)(torch.ones(1)))


def compile_eagerly():
    return float(torch.compile(square, backend="eager")(torch.full((1,), 3.0)))


def use_pools():
    with multiprocessing.Pool(2) as pool, ThreadPoolExecutor(4) as threads, ProcessPoolExecutor(2) as processes:
        return [list(each.map(square, [1, 2, 3])) for each in (pool, threads, processes)]


def use_queues_and_locks():
    queue, total, received = multiprocessing.Queue(), multiprocessing.Value("i", 0), multiprocessing.Event()

    def work():
        with total.get_lock():
            total.value += 1
        queue.put(torch.ones(3))
        received.wait()  # a tensor lives in the process that sent it until it is taken

    workers = [multiprocessing.Process(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    got = [float(queue.get().sum()) for _ in workers]
    received.set()
    for worker in workers:
        worker.join()
    return [total.value, *got]


def use_a_manager():
    with multiprocessing.Manager() as manager:
        shared = manager.dict(a=1)
        return dict(shared)


def use_shared_memory():
    block = shared_memory.SharedMemory(create=True, size=100)
    block.buf[0] = 7
    other = shared_memory.SharedMemory(name=block.name)
    value = other.buf[0]
    block.unlink()
    return value


def use_threads():
    done = []
    threads = [threading.Thread(target=done.append, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(done)


def fork():
    child = os.fork()
    if child == 0:
        os._exit(5)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def start_python():
    return subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True, check=True).stdout


def start_python_asynchronously():
    async def run():
        await asyncio.sleep(0.01)
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", "print(1)", stdout=asyncio.subprocess.PIPE)
        return (await process.communicate())[0].decode()

    return asyncio.run(run())


def handle_signals():
    seen = []
    signal.signal(signal.SIGALRM, lambda number, frame: seen.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    signal.pause()
    return seen == [signal.SIGALRM]


def handle_files():
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/a", "w") as file:
            file.write("x" * 100_000)
        shutil.copy2(f"{folder}/a", f"{folder}/b")
        shutil.copytree(folder, f"{folder}-copy")
        os.mkfifo(f"{folder}/fifo")
        return sorted(os.listdir(f"{folder}-copy"))
