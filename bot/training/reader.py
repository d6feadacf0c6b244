"""Teach the reader (`bot.reader`) to see whether a sentence holds what a question asks for.

    python -m bot.training.reader MATERIAL FOLDER [--minutes 5]

Five minutes on one H200 and 16 cores, hours without: the loops end by the clock. MATERIAL is the folder that
`bot.training.material` made. Three steps: to fill in characters blotted out of news; to find the answer to questions
made of news (`asking.py`); our own 660 questions, among made ones. FOLDER gets `reader.onnx`, and `half-0.onnx` and
`half-1.onnx`, which have not seen the questions of that half. It needs torch and onnx.
"""

from __future__ import annotations

import json
import lzma
import math
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Annotated

import numpy as np
import onnx
import torch
import typer
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn
from torch.nn import functional

from bot.pieces import squeeze
from bot.reader import FIRST, MASK, POSITIONS, QUESTION, UNKNOWN
from bot.training.asking import questions_on
from bot.training.transformer import HIDDEN, WIDTH, Texts, Transformer, pairs, texts_of
from ingest.encoder import load_encoder
from ingest.sentences import sentence_spans

NEWS, CASES = "news.txt.xz", "cases.jsonl.xz"  # as in material.py
SEEN_AT_LEAST = 20  # times that a character must stand in the news to have a number
NEAR, PER_ARTICLE, CHUNK = 8, 6, 100
SHORT = 128  # length of a pair while learning; our own questions are read in full
MASKED_SHARE = 0.11
MASKED_UNTIL, MADE_UNTIL, OURS_UNTIL = 0.36, 0.83, 0.97  # shares of the time
ROUNDS = 4  # times that our questions are gone through
SEED = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions, the sentences beside each (`first`, `count`), which of these are right, where the answer stands."""

    questions: Texts
    sentences: Texts
    first: Tensor
    count: Tensor
    right: Tensor
    span: Tensor


def lost(scores: Tensor, right: Tensor) -> Tensor:
    """How little of a question's likelihood its right sentences have; where there is none, how much the others have."""
    everything = torch.cat([torch.zeros(len(scores), 1, device=scores.device), scores], 1).logsumexp(1)
    good = scores.masked_fill(~right, HIDDEN).logsumexp(1)
    return everything - torch.where(right.any(1), good, torch.zeros_like(good))


@dataclass(slots=True)
class Teacher:
    """The transformer and what it learns from."""

    network: Transformer
    device: str
    begun: float
    seconds: float

    def until(self, share: float, rate: float, step: Callable[[], Tensor], name: str, most: int = 10**9) -> None:
        """Take steps till that share of the time is over, or `most` of them; the rate falls to nothing."""
        weights = list(self.network.parameters())
        groups = [
            {"params": [w for w in weights if w.dim() > 1], "weight_decay": 0.02},
            {"params": [w for w in weights if w.dim() < 2], "weight_decay": 0.0},
        ]
        steps = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))
        begun, end, n, loss = time.time(), self.begun + share * self.seconds, 0, torch.zeros(())
        while n < most and (now := time.time()) < end:
            done = max((now - begun) / max(1e-9, end - begun), n / most)
            for group in steps.param_groups:
                group["lr"] = rate * min(1.0, (n + 1) / 200) * max(0.03, (1 + math.cos(math.pi * done)) / 2)
            with torch.autocast(self.device, dtype=torch.bfloat16, enabled=self.device == "cuda"):
                loss = step()
            steps.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]  # torch says no types here
            nn.utils.clip_grad_norm_(weights, 1.0)
            steps.step()
            n += 1
            if n % 200 == 0:
                typer.echo(f"{time.time() - self.begun:.0f} s: {name} {n}: {loss.item():.3f}")
        typer.echo(f"{time.time() - self.begun:.0f} s: {name}, {n} steps, {loss.item():.3f}")

    def masked(self, news: Texts, ends: Tensor, homes: tuple[Tensor, Tensor, Tensor], rows: int) -> Tensor:
        """Loss of filling in characters of a run of news behind another sentence of its article."""
        article, first, count = homes
        told = torch.randint(len(news.start), (rows,), device=self.device)
        other = first[article[told]] + (torch.rand(rows, device=self.device) * count[article[told]]).long()
        alone = (torch.rand(rows, device=self.device) < 0.3) | (other == told)
        before = Texts(news.flat, news.start, torch.where(alone, 0, news.length[other]))
        before = Texts(news.flat, news.start[other], before.length)
        runs = Texts(news.flat, news.start[told], ends[told] - news.start[told])
        each = torch.arange(rows, device=self.device)
        ids, positions, match, _ = pairs(before, each, runs, each, SHORT)
        shown = (ids >= FIRST) | (ids == UNKNOWN)
        chance = torch.rand(ids.shape, device=self.device) * shown
        picked = torch.topk(chance.flatten(), int(MASKED_SHARE * ids.numel()))[1]
        real, sought = shown.flatten()[picked].float(), ids.flatten()[picked]
        how = torch.rand(len(picked), device=self.device)
        strange = torch.randint(FIRST, len(self.network.bias), (len(picked),), device=self.device)
        put = torch.where(how < 0.8, MASK, torch.where(how < 0.9, strange, sought))
        blotted = ids.flatten().scatter(0, picked, torch.where(real > 0, put, sought)).view_as(ids)
        states = self.network.states(blotted, positions, torch.zeros_like(match))
        loss = functional.cross_entropy(
            self.network.guesses(states.reshape(-1, WIDTH)[picked]).float(), sought, reduction="none"
        )
        return (loss * real).sum() / real.sum().clamp(min=1)

    def scored(self, asked: Asked, which: Tensor, length: int) -> tuple[Tensor, Tensor, Tensor]:
        """Scores of the sentences of some questions, which are right, and of the first the score of each place."""
        most = int(asked.count[which].max())
        step = torch.arange(most, device=self.device)[None]
        told = (asked.first[which][:, None] + step).clamp(max=len(asked.right) - 1)
        there = step < asked.count[which][:, None]
        ids, positions, match, keep = pairs(
            asked.questions, which.repeat_interleave(most), asked.sentences, told.flatten(), length
        )
        places = self.network.places(ids, positions, match, keep).view(len(which), most, -1)
        scores = places.logsumexp(2).masked_fill(~there, HIDDEN)
        return scores, (asked.right[told] > 0) & there, places[:, 0]

    def answered(self, asked: Asked, which: Tensor, length: int) -> Tensor:
        """Loss of telling the sentences that answer, and where the answer stands in the first if that is known."""
        scores, right, places = self.scored(asked, which, length)
        begin = asked.questions.length[which].clamp(max=QUESTION) + 2
        at, span = torch.arange(length, device=self.device)[None], asked.span[which] + begin[:, None]
        inside = (at >= span[:, :1]) & (at < span[:, 1:])
        known = right[:, 0] & inside.any(1)
        missed = places.logsumexp(1) - places.masked_fill(~inside, HIDDEN).logsumexp(1)
        return lost(scores, right).mean() + 0.3 * (missed * known).sum() / known.sum().clamp(min=1)

    def found(self, asked: Asked, which: Tensor) -> str:
        """How often the best sentence is right, and how well questions with an answer are told from such without."""
        self.network.eval()
        best, told = [], []
        with torch.no_grad():
            for some in which.split(100):  # type: ignore[no-untyped-call]
                scores, right, _ = self.scored(asked, some, SHORT)
                has = right.any(1)
                best.append(right.gather(1, scores.argmax(1)[:, None])[:, 0][has])
                told.append(torch.stack([scores.logsumexp(1), has.float()], 1))
        self.network.train()
        total = torch.cat(told)
        with_answer, without = total[total[:, 1] > 0, 0], total[total[:, 1] == 0, 0]
        area = (with_answer[:, None] > without[None]).float().mean()
        return f"best is right {torch.cat(best).float().mean():.3f}, area {area:.3f}"


_SENTENCES: list[list[str]] = []  # of every article; the processes that make questions are forked with it
_NUMBERS = np.full(0x110000, UNKNOWN, dtype=np.uint16)


def numbered(text: str) -> NDArray[np.uint16]:
    """The number of each character."""
    return _NUMBERS[np.frombuffer(text.encode("utf-32-le"), np.uint32)]


def _cut(text: str) -> list[str]:
    return [told for start, end in sentence_spans(text) if (told := squeeze(text[start:end]))]


def _encoded(texts: list[str]) -> NDArray[np.float32]:
    return np.asarray(load_encoder("builtin").encode_documents(texts), dtype=np.float32)


def _made(work: tuple[int, NDArray[np.int64]]) -> list[tuple[str, tuple[str, ...], list[int], tuple[int, int]]]:
    """Questions on some articles, from the first of them on; their near ones are the rows of the second."""
    first, near = work
    out = []
    for n, beside in enumerate(near, first):
        others = [_SENTENCES[i] for i in beside.tolist() if i != n]
        for one in questions_on(_SENTENCES[n], others, random.Random(n), PER_ARTICLE):  # noqa: S311 - no secret
            right = [int(i < one.right) for i in range(len(one.sentences))]
            out.append((squeeze(one.question), one.sentences, right, (one.start, one.end)))
    return out


def _packed(work: tuple[int, NDArray[np.int64]]) -> tuple[NDArray[np.int64], ...]:
    return pack(_made(work))


def pack(
    asked: Sequence[tuple[str, Sequence[str], Sequence[int], tuple[int, int]]],
) -> tuple[NDArray[np.int64], ...]:
    """Questions as arrays: characters and lengths of questions and of sentences, counts, which are right, spans."""
    questions, sentences = [one[0] for one in asked], [text for one in asked for text in one[1]]
    lengths = (np.array([len(text) for text in texts]) for texts in (questions, sentences))
    return (
        *(numbered("".join(texts)) for texts in (questions, sentences)),
        *lengths,
        np.array([len(one[1]) for one in asked]),
        np.array([right for one in asked for right in one[2]]),
        np.array([one[3] for one in asked]).reshape(-1, 2),
    )


def unpack(packs: Sequence[tuple[NDArray[np.int64], ...]], device: str) -> Asked:
    """All packs as one, on the device."""
    joined = [np.concatenate(parts) for parts in zip(*packs, strict=True)]
    question, sentence, question_length, sentence_length, count, right, span = (
        torch.tensor(part.astype(np.int32), device=device).long() if n > 1 else _small(part, device)
        for n, part in enumerate(joined)
    )
    questions, sentences = texts_of(question, question_length), texts_of(sentence, sentence_length)
    return Asked(questions, sentences, count.cumsum(0) - count, count, right, span)


def _small(part: NDArray[np.int64], device: str) -> Tensor:
    return torch.tensor(part.astype(np.int32), device=device)


def our_questions(path: Path) -> Iterator[tuple[int, tuple[str, list[str], list[int], tuple[int, int]]]]:
    """Our questions in their settings, each with its half."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            one = json.loads(line)
            if one["sentences"]:
                yield one["half"], (one["question"], one["sentences"], one["right"], (0, 0))


def export(network: Transformer, characters: str, path: Path) -> None:
    """Write the network for onnxruntime, weights in eight bits."""
    network = network.cpu().eval()
    ids = torch.ones(2, 9, dtype=torch.long)
    names = ["ids", "positions", "match", "keep"]
    free = {name: {0: "rows", 1: "length"} for name in names} | {"score": {0: "rows"}}
    inputs = (ids, 0 * ids, 0 * ids, ids.float())
    plain = path.with_suffix(".float")
    torch.onnx.export(
        network, inputs, str(plain), input_names=names, output_names=["score"], dynamic_axes=free, dynamo=False
    )
    quantize_dynamic(
        plain, path, weight_type=QuantType.QInt8, per_channel=True, op_types_to_quantize=["MatMul", "Gather"]
    )
    plain.unlink()
    made = onnx.load(path)
    made.metadata_props.add(key="characters", value=characters)
    onnx.save(made, path)


def _near(pool: Pool, texts: Sequence[str], device: str) -> NDArray[np.int64]:
    """For each article those that are most like it."""
    parts = [[text[:300] for text in texts[i : i + 500]] for i in range(0, len(texts), 500)]
    vectors = functional.normalize(torch.tensor(np.concatenate(pool.map(_encoded, parts)))).to(device)
    most = min(NEAR + 1, len(texts))
    near = [torch.topk(some @ vectors.T, most)[1].cpu() for some in vectors.split(2000)]  # type: ignore[no-untyped-call]
    return torch.cat(near).numpy()


def main(
    material: Annotated[Path, typer.Argument(help="Folder made by bot.training.material.")],
    folder: Annotated[Path, typer.Argument(help="Where the networks go.")],
    minutes: Annotated[float, typer.Option(help="How long to learn.")] = 5.0,
    processes: Annotated[int, typer.Option(help="That make questions.")] = 13,
) -> None:
    """Learn and write the three networks."""
    begun = time.time()
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    with lzma.open(material / NEWS, "rt", encoding="utf-8") as lines:
        texts = lines.read().splitlines()
    with get_context("fork").Pool(processes) as pool:
        cut = pool.map(_cut, texts, chunksize=200)
    texts = [text for text, sentences in zip(texts, cut, strict=True) if sentences]
    _SENTENCES[:] = [sentences for sentences in cut if sentences]
    counts = Counter("".join(told for article in _SENTENCES for told in article))
    characters = "".join(sorted((c for c, n in counts.items() if n >= SEEN_AT_LEAST), key=lambda c: (-counts[c], c)))
    for number, character in enumerate(characters, FIRST):
        _NUMBERS[ord(character)] = number
    with get_context("fork").Pool(processes) as pool:  # before the device is touched, which is not forked well
        device = "cuda" if torch.cuda.is_available() else "cpu"
        near = _near(pool, texts, device)
        work = [(n, near[n : n + CHUNK]) for n in range(0, len(near), CHUNK)]
        made = pool.map_async(_packed, work, chunksize=1)
        teacher = Teacher(Transformer(len(characters) + FIRST).to(device), device, begun, 60 * minutes)
        teacher.until(MASKED_UNTIL, 1.2e-3, _masking(teacher, device), "blotted out")
        asked = unpack(made.get(), device)
    _learn_questions(teacher, asked)
    _learn_ours(teacher, asked, list(our_questions(material / CASES)), characters, folder)


def _masking(teacher: Teacher, device: str) -> Callable[[], Tensor]:
    flat = numbered("".join(told for article in _SENTENCES for told in article))
    count = torch.tensor([len(article) for article in _SENTENCES], device=device)
    news = texts_of(
        torch.tensor(flat.astype(np.int32), device=device),
        torch.tensor([len(told) for article in _SENTENCES for told in article], device=device),
    )
    article = torch.repeat_interleave(torch.arange(len(count), device=device), count)
    first = count.cumsum(0) - count
    last = first + count - 1
    ends = (news.start[last] + news.length[last])[article]
    rows = 1024 if device == "cuda" else 16
    return lambda: teacher.masked(news, ends, (article, first, count), rows)


def _learn_questions(teacher: Teacher, asked: Asked) -> None:
    order = torch.randperm(len(asked.count), device=teacher.device)
    kept, learned = order[: len(order) // 200], order[len(order) // 200 :]
    typer.echo(f"{len(learned)} questions made of news")

    def step() -> Tensor:
        some = torch.randint(len(learned), (256 if teacher.device == "cuda" else 4,), device=teacher.device)
        return teacher.answered(asked, learned[some], SHORT)

    teacher.until(MADE_UNTIL, 4e-4, step, "made questions")
    typer.echo(f"made questions that it had not seen: {teacher.found(asked, kept)}")


def _learn_ours(
    teacher: Teacher,
    made: Asked,
    ours: Sequence[tuple[int, tuple[str, list[str], list[int], tuple[int, int]]]],
    characters: str,
    folder: Path,
) -> None:
    """Three times from where it stands: without each half of our questions, and with all."""
    asked = unpack([pack([one for _, one in ours])], teacher.device)
    half = torch.tensor([half for half, _ in ours], device=teacher.device)
    begun = {name: weight.clone() for name, weight in teacher.network.state_dict().items()}
    rows, mixed = (24, 48) if teacher.device == "cuda" else (4, 4)
    for n, (name, left_out) in enumerate((("half-0", 0), ("half-1", 1), ("reader", None))):
        teacher.network.load_state_dict(begun)
        teacher.network.to(teacher.device).train()
        which = torch.nonzero(half != left_out)[:, 0] if left_out is not None else torch.arange(len(half))
        which = which.to(teacher.device)
        order = torch.cat([which[torch.randperm(len(which), device=teacher.device)] for _ in range(ROUNDS)]).split(rows)  # type: ignore[no-untyped-call]
        left = iter(order)

        def step(left: Iterator[Tensor] = left) -> Tensor:
            other = torch.randint(len(made.count), (mixed,), device=teacher.device)
            return teacher.answered(asked, next(left), POSITIONS) + 0.25 * teacher.answered(made, other, SHORT)

        share = MADE_UNTIL + (OURS_UNTIL - MADE_UNTIL) * (0.25, 0.5, 1)[n]  # all are twice as many as half
        teacher.until(share, 1e-4, step, name, most=len(order))
        export(teacher.network, characters, folder / f"{name}.onnx")


if __name__ == "__main__":
    typer.run(main)
