"""Ways round the rules (threats C1): each is found. And programs that break no rule: none is accused."""

import ast
from pathlib import Path

import pytest
import torch

from grader.notebooks import source_of_notebook
from grader.outline import Outline
from grader.policy import REFLECTION, scan
from grader.questions.judging import is_questions_alone
from grader.spec import assignment_folders, joined, load_manifest
from server.demo.cast import ASSIGNMENT, TABLE

ROOT = Path(__file__).resolve().parents[2]
NAMES = ["torch.nn", "torch.autograd", "torch.Tensor.backward"]
RULES = [{"rule": "hand", "names": NAMES}]


def hits(**files: str) -> list[dict]:
    return scan({f"{name}.py": source.encode() for name, source in files.items()}, RULES)


FOUND = {
    "a star import": "from torch.nn.functional import *\ny = relu(x)",
    "an alias of an alias": "import torch as a\nb = a\nc = b\nc.nn.ReLU()",
    "an alias before its own alias": "def f(x):\n    return G.relu(x)\nG = F\nF = T.nn\nimport torch as T",
    "vars": "import torch\nvars(torch)['nn'].ReLU()",
    "the dictionary": "import torch\ntorch.__dict__['nn'].ReLU()",
    "get of the dictionary": "import torch\ntorch.__dict__.get('nn').ReLU()",
    "attrgetter": "import operator, torch\noperator.attrgetter('nn.functional')(torch).relu(x)",
    "attrgetter under another name": "from operator import attrgetter as g\nimport torch\nget = g('nn')\nget(torch).ReLU()",
    "the table of modules": "import sys\nsys.modules['torch.nn'].ReLU()",
    "get of the table of modules": "from sys import modules as m\nm.get('torch.nn').ReLU()",
    "partial": "import functools, torch\nf = functools.partial(getattr, torch)\nf('nn').ReLU()",
    "reduce": "import functools, torch\nfunctools.reduce(getattr, ['nn', 'functional'], torch).relu(x)",
    "a walrus": "import torch\nif (m := torch):\n    m.nn.ReLU()",
    "a walrus in a comprehension": "import torch\n[(m := torch) for _ in 'a']\nm.nn.ReLU()",
    "an annotated assignment": "import torch\nm: object = torch\nm.nn.ReLU()",
    "an attribute of a class": "import torch\nclass A:\n    t = torch\nA.t.nn.ReLU()",
    "an attribute of an inherited class": "import torch\nclass A:\n    t = torch\nclass B(A): pass\nB().t.nn.ReLU()",
    "an attribute of an object": "import torch\nclass A:\n    def __init__(self):\n        self.t = torch\n"
    "    def f(self):\n        return self.t.nn.ReLU()",
    "eval": "import torch\neval('torch.nn').ReLU()",
    "eval of a prefix": "import torch\neval('torch').nn.ReLU()",
    "exec": "exec('import torch\\ntorch.nn.ReLU()')",
    "exec of a name": "code = 'from torch import nn'\nexec(code)",
    "compile": "exec(compile('import torch.nn', 'f', 'exec'))",
    "exec in exec": "exec(\"exec('import torch.nn')\")",
    "an operator": "import torch\ntorch.ops.aten.linear(x, w)",
    "an operator with its overload": "import torch\ntorch.ops.aten.cross_entropy_loss.default(x, y)",
    "an operator of a recurrent layer": "import torch\ntorch.ops.aten.lstm.input(x, h, p, True, 1, 0.0, False, False, True)",
    "the private half": "import torch\ntorch._C._nn.gelu(x)",
    "constants put together": "import torch\ngetattr(torch, 'n' + 'n').ReLU()",
    "a text without fields": "import torch\ngetattr(torch, f'nn').ReLU()",
    "a text with a constant field": "import torch\na = 'n'\ngetattr(torch, f'{a}{a}').ReLU()",
    "join": "import torch\ngetattr(torch, ''.join(['n', 'n'])).ReLU()",
    "characters": "import torch\ngetattr(torch, chr(110) + chr(110)).ReLU()",
    "a text backwards": "import sys\nsys.modules['nn.hcrot'[::-1]].ReLU()",
    "capitals": "import torch\ngetattr(torch, 'NN'.lower()).ReLU()",
    "percent": "import torch\ngetattr(torch, '%s%s' % ('n', 'n')).ReLU()",
    "bytes": "import torch\ngetattr(torch, b'nn'.decode()).ReLU()",
    "a getattr by another name": "import torch\ng = getattr\ng(torch, 'nn').ReLU()",
    "getattr of builtins": "import builtins, torch\nbuiltins.getattr(torch, 'nn').ReLU()",
    "__getattribute__": "import torch\ntorch.__getattribute__('nn').ReLU()",
    "object.__getattribute__": "import torch\nobject.__getattribute__(torch, 'nn').ReLU()",
    "__import__": "__import__('torch').nn.ReLU()",
    "a relative import by name": "from importlib import import_module as i\ni('.nn', package='torch').ReLU()",
    "locate": "import pydoc\npydoc.locate('torch.nn.ReLU')()",
    "globals": "import torch\nglobals()['torch'].nn.ReLU()",
    "a tuple": "import torch\na, b = torch, 1\na.nn.ReLU()",
    "an element": "import torch\n[torch][0].nn.ReLU()",
    "a dictionary": "import torch\nlib = {'t': torch}\nlib['t'].nn.ReLU()",
    "a loop": "import torch\nfor m in (torch,):\n    m.nn.ReLU()",
    "next of iter": "import torch\nnext(iter([torch])).nn.ReLU()",
    "what a function returns": "import torch\ndef lib():\n    return torch\nlib().nn.ReLU()",
    "a default": "import torch\ndef f(t=torch):\n    return t.nn.ReLU()",
    "an argument": "import torch\ndef f(t, name):\n    return getattr(t, name)\nf(torch, 'nn').ReLU()",
    "a lambda": "import torch\n(lambda t: t.nn)(torch).ReLU()",
    "a condition": "import torch\n(torch if True else None).nn.ReLU()",
    "or": "import torch\n(None or torch).nn.ReLU()",
    "another module's alias": "import torch\ntorch.functional.F.relu(x)",
    "a method by its class": "import torch\ntorch.Tensor.backward(loss)",
    "a method by its name": "getattr(loss, 'backward')()",
    "a local import": "def f(x):\n    from torch import nn\n    return nn.ReLU()(x)",
    "a global": "import torch\ndef f():\n    global m\n    m = torch\ndef g():\n    return m.nn.ReLU()",
}


@pytest.mark.parametrize("source", FOUND.values(), ids=FOUND.keys())
def test_a_way_round_the_rules_is_found(source: str) -> None:
    found = [hit for hit in hits(solution=source) if hit["rule"] == "hand"]
    assert found and all(hit["name"].startswith("torch.") for hit in found)


def test_one_file_takes_its_names_from_another() -> None:
    found = hits(solution="from tools import lib as t\nt.nn.ReLU()", tools="import torch\nlib = torch")
    assert [hit["evidence"] for hit in found] == ["solution.py: t.nn.ReLU()"]


REFLECTED = {
    "subclasses": "().__class__.__base__.__subclasses__()",
    "globals of a function": "def f(): pass\nf.__globals__['x']",
    "a frame": "import sys\nsys._getframe(1).f_globals",
    "all objects": "import gc\n[o for o in gc.get_objects()]",
    "members": "import inspect, torch\ninspect.getmembers(torch)",
    "a walk by name": "getattr(object, '__subclasses__')()",
    "all of a module": "import torch\n[v for k, v in vars(torch).items() if len(k) == 2]",
    "a computed name": "import torch\ngetattr(torch, [n for n in dir(torch) if n[0] == 'n'][0])",
    "a computed import": "import importlib\nimportlib.import_module(name[::-1])",
    "a computed program": "import base64\nexec(base64.b64decode(text))",
    "a program from a parameter": "def f(text):\n    return eval(text)",
}


@pytest.mark.parametrize("source", REFLECTED.values(), ids=REFLECTED.keys())
def test_reaching_around_names_is_noted_under_a_rule_of_its_own(source: str) -> None:
    assert {hit["rule"] for hit in hits(solution=source)} == {REFLECTION}


INNOCENT = {
    "a parameter of the same name": "import torch\ndef conv(x, F, nn):\n    return F.relu(x) + nn.size + torch.relu(x)",
    "a local of the same name": "def f():\n    nn = 3\n    return nn.bit_length()",
    "an import in another function": "def f(F):\n    return F.backward_steps",
    "an own method called backward": "class Layer:\n    def backward(self, g): return g\nclass Net:\n"
    "    def backward(self, g):\n        for layer in self.layers: g = layer.backward(g)\n        return g",
    "own object": "class Layer:\n    def backward(self, g): return g\nLayer().backward(1)",
    "numpy": "import numpy as np\nnp.nn = 1\nnp.zeros(3).backward",
    "torch itself": "import torch\ndef f(x): return torch.exp(x) @ torch.randn(3, 4).softmax(0).sum(dim=1)",
    "torch.nnx": "import torch\ntorch.nnx.y",
    "a text that is not run": "text = 'import torch.nn'\nprint(text)",
    "a comment and a docstring": "def f():\n    'uses torch.nn.Linear inside'\n    # torch.nn.ReLU()\n    return 1",
    "getattr of one's own": "class A:\n    def f(self, name):\n        return getattr(self, name)",
    "getattr of a method of one's own": "class A:\n    def backward(self): return 1\ndef f(a): return getattr(a, 'backward')()",
    "getattr with a plain parameter": "import torch\ndef act(name, x):\n    return getattr(torch, name)(x)",
    "getattr in a loop over names": "import torch\nfor name in ('tanh', 'relu'):\n    getattr(torch, name)",
    "the name of a class": "class A:\n    def __repr__(self): return type(self).__name__ + self.__class__.__qualname__",
    "one's own dictionary": "class A:\n    def __init__(self, **kw):\n        self.__dict__.update(kw)\n"
    "        print(vars(self).items())",
    "eval of a constant": "assert eval('1 + 1') == 2",
    "eval as a method": "def f(model):\n    model.eval()\n    model.compile()",
    "functools": "import functools\n@functools.lru_cache\ndef f(x): return x\nfunctools.reduce(lambda a, b: a * b, [1, 2])",
    "partial of one's own": "from functools import partial\ndef f(a, b): return a\npartial(f, 1)(2)",
    "a function called almost like exec": "def exec_step(x): return x\nexec_step('import torch.nn')",
    "attrgetter of one's own": "from operator import attrgetter\nsorted(layers, key=attrgetter('size'))",
    "signatures": "import inspect\ninspect.signature(print)",
    "an import that may be missing": "try:\n    import torch\nexcept ImportError:\n    torch = None",
    "type hints": "import torch\nfrom torch import Tensor\ndef f(x: Tensor) -> 'torch.Tensor': ...",
    "a dataclass": "from dataclasses import dataclass, field\n@dataclass\nclass A:\n    nn: int = 3\n"
    "    w: list = field(default_factory=list)",
    "no_grad": "import torch\nwith torch.no_grad():\n    w = w - 0.1 * g",
    "an operator that is public": "import torch\ntorch.ops.aten.tanh(x)",
    "a match": "match x:\n    case [nn, *F]:\n        nn.relu(F)",
    "super": "class A(dict):\n    def __init__(self):\n        super().__init__()",
    "formatting": "import torch\nprint(f'{torch.__version__} {1:>5}', '%d' % 3, '{:.3f}'.format(2.0))",
    "sorting names": "for name, value in sorted({'a': 1}.items()):\n    print(name, value)",
    "a name of torch's": "nn = 'nn'\nprint('torch.' + nn)",
    "a class with a slot": "class A:\n    __slots__ = ('nn',)\n    def f(self): return self.nn.relu",
    "math": "from math import *\nimport math as m\nsqrt(m.pi)",
    "its own module called nn": "import layers as nn\nnn.Linear(3, 4)",
}


@pytest.mark.parametrize("source", INNOCENT.values(), ids=INNOCENT.keys())
def test_a_program_that_breaks_no_rule_is_not_accused(source: str) -> None:
    ast.parse(source)
    assert hits(solution=source) == []


def honest_files() -> list[tuple[str, str, str]]:
    """(assignment, file, text) of references, starters, other right answers and mistakes."""
    found = []
    for folder in assignment_folders(ROOT / "assignments"):
        if is_questions_alone(folder):
            continue
        reference = (folder / "reference.py").read_text()
        paths = [folder / "reference.py", folder / "starter.py", *folder.glob("accepted/*.py"), *folder.glob("mistakes/*.py")]
        for path in paths:
            is_overlay = path.parent != folder
            text = joined(reference, path.read_text()) if is_overlay else path.read_text()
            found.append((folder.name, str(path.relative_to(folder)), text))
    return found


FREE = {  # asked for in parts where torch.nn is allowed
    "cnn": {"LeNet5", "SmallCNN", "train", "loss_and_gradients", "trace"},
    "gan": {
        "discriminator_step", "generator_step", "gradient_penalty", "critic_step", "alpha_bars", "q_sample", "q_posterior",
        "noise_loss", "reverse_step", "train_ring", "train_digits",
    },
}  # fmt: skip


@pytest.mark.long
def test_no_file_of_an_assignment_is_accused_of_breaking_its_rules() -> None:
    files = honest_files()
    accused = []
    for name, file, text in files:
        manifest = load_manifest(ROOT / "assignments" / name)
        rules = [{"rule": rule.rule, "names": rule.names} for rule in manifest.forbidden]
        found = scan({"solution.py": text.encode()}, rules)
        if free := FREE.get(name):
            ruled = Outline(text).lines(set(manifest.required) - free)
            found = [hit for hit in found if hit["line"] in ruled]
        accused += [(name, file, hit) for hit in found]
    assert len(files) > 70
    assert accused == []


def test_no_demo_hand_in_is_accused() -> None:
    rules = [{"rule": "hand", "names": load_manifest(ROOT / "assignments" / ASSIGNMENT).forbidden[0].names}]
    homework = [ROOT / "server/demo/hand_ins" / each.folder for each in TABLE if each.assignment == ASSIGNMENT]
    folders = sorted(homework)
    assert len(folders) >= 10
    for folder in folders:
        files = {path.name: path.read_bytes() for path in folder.glob("*.py")}
        files |= {f"{path.stem}.py": source_of_notebook(path.read_bytes(), path.name) for path in folder.glob("*.ipynb")}
        assert scan(files, rules) == [], folder


def test_what_is_public_by_the_same_name_is_judged_by_that_name() -> None:
    source = b"import torch\ny = torch.ops.aten.relu(x)\n"
    assert hasattr(torch, "relu")
    assert scan({"solution.py": source}, [{"rule": "r", "names": ["torch.nn"]}]) == []
    assert [hit["name"] for hit in scan({"solution.py": source}, [{"rule": "r", "names": ["torch.relu"]}])] == ["torch.relu"]


def test_hits_of_the_rules_come_before_reflection() -> None:
    found = hits(solution="import torch\n" + "torch.nn\n" * 60 + "().__class__.__base__")
    assert {hit["rule"] for hit in found} == {"hand"} and len(found) == 50
