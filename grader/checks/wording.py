"""The sentences a student reads about a failed check. Plain, specific, no blame; each ends with what to look at."""

from grader.checks.failures import StudentError
from grader.protocol import Text, Word
from grader.sandbox.base import Ending

ENDED = {
    Ending.timed_out: (
        Word.timed_out,
        Text(
            en="Your code was still running when the time limit was reached. Look for a loop that never ends, "
            "or one that can be written with tensor operations.",
            zh="时间到了，代码还没有运行完。检查是否有停不下来的循环，或者能改写成张量运算的循环。",
        ),
    ),
    Ending.out_of_memory: (
        Word.out_of_memory,
        Text(
            en="Your code asked for more memory than this assignment allows. Look for a tensor that is larger than you meant.",
            zh="代码申请的内存超出了本作业的限额。检查是否有张量比预想的大得多。",
        ),
    ),
    Ending.too_many_processes: (
        Word.too_many_processes,
        Text(
            en="Your code started more processes or threads than allowed. This assignment needs none.",
            zh="代码启动的进程或线程过多。本作业不需要另开进程。",
        ),
    ),
    Ending.too_much_output: (
        Word.too_much_output,
        Text(
            en="Your code printed more than is kept. Take the prints out of the inner loops.",
            zh="代码打印的内容太多。请去掉内层循环里的 print。",
        ),
    ),
    Ending.crashed: (
        Word.crashed,
        Text(
            en="The Python process crashed without an exception. Look for very deep recursion or unusual use of memory.",
            zh="Python 进程没有抛出异常就崩溃了。检查是否有过深的递归或异常的内存操作。",
        ),
    ),
    Ending.exited: (
        Word.crashed,
        Text(
            en="Your code ended the Python process. Remove calls of exit(), quit() and os._exit().",
            zh="代码主动结束了 Python 进程。请去掉 exit()、quit() 和 os._exit()。",
        ),
    ),
    Ending.protocol_error: (
        Word.crashed,
        Text(
            en="What your code returned could not be read: it is too large, or something wrote into the grader's channel. "
            "Return plain tensors of the stated shape.",
            zh="无法读取代码返回的内容：可能过大，也可能有代码写入了评测通道。请只返回指定形状的普通张量。",
        ),
    ),
}

PASSED = Text(en="Passed.", zh="通过。")
NO_TIME_LEFT = Text(
    en="Not run: the time for the whole submission was used up by earlier checks. Make those faster first.",
    zh="没有运行：前面的检查已经用完了整份提交的时间。请先让它们快一些。",
)
RAN_ON_CPU = Text(
    en="This ran on the CPU, because no GPU was free. The checks are the same, only slower.",
    zh="当时没有空闲的 GPU，本次在 CPU 上运行。检查内容相同，只是慢一些。",
)
NOT_LOADED = Text(
    en="Not run, because the file could not be loaded. The reason is stated above.",
    zh="没有运行，因为文件无法加载，原因见上。",
)


def not_written(*names: str) -> Text:
    """One sentence for all that a check needs and does not find."""
    quoted = [f"`{name}`" for name in names]
    if len(names) == 1:
        en = f"{quoted[0]} is not written yet. Its docstring in the starter says what goes in and what comes out."
    else:
        listed = f"{', '.join(quoted[:-1])} and {quoted[-1]}"
        en = f"{listed} are not written yet. Their docstrings in the starter say what goes in and what comes out."
    return Text(en=en, zh=f"{'、'.join(quoted)} 还没有实现。起始文件的文档字符串写明了输入和输出。")


def out_of_gpu_memory(device_bytes: int, limit_bytes: int | None) -> Text:
    """How much there is, how much of it this assignment allows, and what usually helps."""
    has, allowed = _gib(device_bytes), _gib(limit_bytes or device_bytes)
    may_en = f", of which this assignment allows {allowed}" if limit_bytes else ""
    may_zh = f"，本作业最多可用 {allowed}" if limit_bytes else ""
    return Text(
        en=f"Your code ran out of GPU memory: the device has {has}{may_en}. Try a smaller batch, torch.no_grad() where no "
        "gradient is needed, and del for large tensors that are no longer used.",
        zh=f"GPU 显存不足：这块 GPU 共有 {has}{may_zh}。可以减小批大小，在不需要梯度的地方用 torch.no_grad()，"
        "并用 del 删掉不再使用的大张量。",
    )


def _gib(count: int) -> str:
    return f"{count / (1 << 30):.1f} GiB".replace(".0 ", " ")


def partly(share: float) -> Text:
    percent = f"{100 * share:.0f} %"
    return Text(
        en=f"Earns {percent} of the points. The handout says what full marks need.",
        zh=f"得到该项 {percent} 的分数。满分要求见作业说明。",
    )


def uses_forbidden(name: str, place: Text | None, reason: Text) -> Text:
    at_en, at_zh = (f" in {place.en}", place.zh) if place else ("", "代码")
    return Text(en=f"Your code uses `{name}`{at_en}. {reason.en}", zh=f"{at_zh}用到了 `{name}`。{reason.zh}")


def student_error(error: StudentError, call: str | None, place: Text | None) -> tuple[Word, Text]:
    """The word and the sentence for what the student's code raised."""
    match error.kind:
        case "missing" | "not_implemented":
            return Word.missing, not_written((error.function or call or error.message).removesuffix(".__init__"))
        case "forbidden":
            reason = Text(en="Write this part by hand.", zh="这一部分请自己动手写。")
            return Word.forbidden, uses_forbidden(error.message.removesuffix(" may not be used here"), place, reason)
        case "exit":
            return ENDED[Ending.exited]
        case "memory":
            return ENDED[Ending.out_of_memory]
        case "unsupported":
            return Word.wrong_type, _unsupported(error)
        case _:
            return Word.crashed, _raised(error, call, place)


def _raised(error: StudentError, call: str | None, place: Text | None) -> Text:
    what = f"{error.type}: {error.message}"[:300].rstrip(": .")
    next_en = f"Start at {place.en} of your file." if place else "Does its signature match the starter's?"
    next_zh = f"请从{place.zh}看起。" if place else "函数签名和起始文件一致吗？"
    return Text(
        en=f"{_code(call, 'Your code')} raised {what}. {next_en}",
        zh=f"{_code(call, '代码')}抛出了 {what}。{next_zh}",
    )


def _code(call: str | None, otherwise: str) -> str:
    return f"`{call}`" if call else otherwise


def _unsupported(error: StudentError) -> Text:
    return Text(
        en=f"Your code returned something that cannot be read: {error.message}. Return tensors, numbers, tuples or dicts.",
        zh=f"代码返回了无法读取的内容：{error.message}。请返回张量、数字、元组或字典。",
    )


def unusable(problem: str) -> Text:
    """For a check that stumbled over what the student returned, while it accepts the reference."""
    return Text(
        en=f"What your code returned cannot be used here ({problem}). Compare its type and shape with the starter's docstring.",
        zh=f"代码返回的内容在这里无法使用（{problem}）。请对照起始文件的文档字符串检查类型和形状。",
    )


def returned_by(name: str) -> Text:
    return Text(en=f"What `{name}` returned", zh=f"`{name}` 的返回值")


def named(what: Text | None) -> Text:
    return Text(en=_capitalised(what.en), zh=what.zh) if what else Text(en="The result", zh="结果")


def gradient_of(name: str, argument: str) -> Text:
    return Text(en=f"The gradient of `{name}` with respect to `{argument}`", zh=f"`{name}` 对 `{argument}` 的梯度")


def no_gradient(name: str, argument: str) -> Text:
    return Text(
        en=f"No gradient reaches `{argument}` through `{name}`. Look for .detach(), .item() or torch.tensor(…).",
        zh=f"梯度没有经 `{name}` 传到 `{argument}`。检查是否用了 .detach()、.item()，或用旧数值新建了张量。",
    )


def changed_input(name: str, argument: str) -> Text:
    return Text(
        en=f"`{name}` changed its argument `{argument}`. Look for += and other in-place operations on it.",
        zh=f"`{name}` 修改了传入的参数 `{argument}`。检查是否对它用了 += 之类的原地操作。",
    )


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def broken_check(check_id: str, problem: str) -> Text:
    return Text(
        en=f"The check {check_id} of this assignment is broken ({problem}). Your code is not at fault; the staff will repair it.",
        zh=f"本作业的检查 {check_id} 有问题（{problem}），与你的代码无关，需要教师修复。",
    )
