"""Encoders: text becomes vectors of length one, the same wherever the model stands, and nothing is ever fetched."""

import itertools
import json
import lzma
import shutil
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.encoder import BUILTIN_FOLDER, load_encoder
from ingest.encoder.static import StaticEncoder
from ingest.errors import NoModel
from tests.pace import AT_ONCE

CLOSE = 1e-5  # largest difference of two vectors that count as the same
FLOOR = 0.81  # hit@1 among 256 passages; 0.83 when pinned on 2026-11-22, pin anew with every training

TEXTS = [
    "上游把水护好了，下游的县每年拿出一笔补偿资金。",
    "ＧＤＰ同比增长５．２％，iPhone 15 今日开售；记者 张 留",
    "洪水过后，镇里组织党员挨家挨户清理淤泥，三天就恢复了供电。\n学校下周一开学。",
    "上游" * 2000,
    "𠮷野家 \U0001f600 Ελλάδα",
    "",
    "，。！  \n",
    "\U0001f600",
]


@pytest.fixture(scope="module")
def builtin():
    return load_encoder("builtin")


@pytest.fixture(scope="module")
def reference():
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(BUILTIN_FOLDER), local_files_only=True).float()


@pytest.fixture(scope="module")
def small_model(tmp_path_factory):
    """A real model of another kind of maker: four words, a prompt before questions."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    tokenizer = Tokenizer(WordLevel({"[UNK]": 0, "水": 1, "火": 2, "问": 3}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    weights = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 5]], np.float32)
    folder = tmp_path_factory.mktemp("models") / "small"
    module = StaticEmbedding(tokenizer, embedding_weights=weights)
    SentenceTransformer(modules=[module], prompts={"query": "问 ", "document": ""}).save(str(folder))
    return folder


def test_the_reader_gives_what_sentence_transformers_gives(builtin, reference):
    theirs = reference.encode(TEXTS, normalize_embeddings=True)
    assert np.abs(builtin.encode_documents(TEXTS) - theirs).max() <= CLOSE
    for text in TEXTS:
        theirs = reference.encode_query(text, normalize_embeddings=True)
        assert np.abs(builtin.encode_query(text) - theirs).max() <= CLOSE


def test_vectors_have_length_one_and_text_without_a_known_word_has_none(builtin):
    lengths = np.linalg.norm(builtin.encode_documents(TEXTS), axis=1)
    assert lengths == pytest.approx([1, 1, 1, 1, 1, 0, 0, 0], abs=CLOSE)


@given(st.lists(st.text(max_size=20), max_size=8))
def test_a_text_has_the_same_vector_in_any_company(builtin, texts):
    rows = builtin.encode_documents(texts)
    assert rows.shape == (len(texts), builtin.dimension)
    assert rows.dtype == np.float32
    for text, row in zip(texts, rows, strict=True):
        assert np.abs(row - builtin.encode_query(text)).max() <= CLOSE


def test_a_batch_longer_than_the_reader_takes_at_once_keeps_its_order(builtin):
    texts = [f"第{n}号台风登陆，{'' if n % 3 else '学校停课'}" for n in range(700)]
    rows = builtin.encode_documents([*texts, ""])
    assert np.abs(rows[555] - builtin.encode_query(texts[555])).max() <= CLOSE
    assert not rows[700].any()


@pytest.mark.parametrize(("typed", "plain"), [("ＧＤＰ", "gdp"), ("２０２３年", "2023年"), ("COVID疫苗", "covid疫苗")])
def test_width_and_case_make_no_difference(builtin, typed, plain):
    assert np.abs(builtin.encode_query(typed) - builtin.encode_query(plain)).max() <= CLOSE


@pytest.mark.parametrize(
    ("text", "near", "far"),
    [
        ("医生给孩子打疫苗", "医院开展儿童接种", "球队赢下季后赛首战"),
        ("股市大跌", "沪指收盘下挫", "暴雨冲垮桥梁"),
        ("高考分数线公布", "考生填报志愿", "猪肉批发价格回落"),
        ("地震造成房屋倒塌", "震中救援人员搜救被困群众", "新款手机发布"),
    ],
)
def test_what_means_alike_stands_near_without_a_common_word(builtin, text, near, far):
    vector = builtin.encode_query(text)
    assert vector @ builtin.encode_query(near) > vector @ builtin.encode_query(far) + 0.1


@pytest.mark.shared
def test_questions_of_people_lead_to_their_passage(builtin, shared):
    with lzma.open(shared / "cmrc_trial.jsonl.xz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    asked = [(q["question"], number) for number, row in enumerate(rows) for q in row["questions"]]
    passages = builtin.encode_documents([row["context"] for row in rows])
    questions = builtin.encode_documents([question for question, _ in asked])
    first = (questions @ passages.T).argmax(axis=1)
    assert np.mean(first == [number for _, number in asked]) >= FLOOR


def test_the_builtin_encoder_needs_no_torch_and_loads_at_once():
    code = (
        "import sys, time, numpy, tokenizers, safetensors; t = time.process_time()\n"
        "from ingest.encoder import load_encoder\n"
        "load_encoder('builtin').encode_query('水'); print(time.process_time() - t, 'torch' in sys.modules)"
    )
    seconds, torch = subprocess.check_output([sys.executable, "-c", code], text=True).split()
    assert torch == "False"
    assert float(seconds) < 1  # a tenth of it on a quiet machine


@pytest.mark.shared
def test_the_training_script_makes_a_folder_that_says_what_it_is_made_of(shared, tmp_path):
    from ingest.encoder.train import main

    with lzma.open(shared / "news.jsonl.xz", "rt", encoding="utf-8") as lines:
        some = "".join(itertools.islice(lines, 1400))
    (tmp_path / "news.jsonl.xz").write_bytes(lzma.compress(some.encode(), preset=0))
    made = tmp_path / "made"
    main(tmp_path / "news.jsonl.xz", made, dimension=16, vocabulary=8000, steps=3)
    encoder = StaticEncoder(made, "made")
    assert encoder.dimension == 16
    assert np.linalg.norm(encoder.encode_query("洪水过后恢复供电")) == pytest.approx(1, abs=CLOSE)
    assert not encoder.encode_query("Ελλάδα \U0001f600").any()
    assert {path.name for path in made.iterdir()} == {path.name for path in BUILTIN_FOLDER.iterdir()}
    card = (made / "README.md").read_text("utf-8")
    assert "1,400 Chinese web news articles" in card
    assert "$" not in card


def test_the_shipped_folder_is_small_readable_by_all_and_names_no_machine():
    files = [path for path in BUILTIN_FOLDER.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 20_000_000
    assert all(path.stat().st_mode & 0o044 == 0o044 for path in files)
    told = [path for path in files if path.suffix in (".json", ".md") and path.name != "tokenizer.json"]
    assert told
    for path in told:
        assert not any(place in path.read_text("utf-8") for place in ("/home", "/root", "/tmp", "/work", "://"))
    card = (BUILTIN_FOLDER / "README.md").read_text("utf-8")
    assert "license: apache-2.0" in card
    assert "CRUD-RAG" in card


def test_a_fingerprint_is_the_models_content_and_not_its_place(builtin, tmp_path):
    copy = shutil.copytree(BUILTIN_FOLDER, tmp_path / "elsewhere")
    (copy / "README.md").write_text("another card", encoding="utf-8")
    assert StaticEncoder(copy, "copy").fingerprint == builtin.fingerprint
    assert len(builtin.fingerprint) == 32
    content = bytearray((copy / "model.safetensors").read_bytes())
    content[-1] ^= 1
    (copy / "model.safetensors").write_bytes(content)
    assert StaticEncoder(copy, "copy").fingerprint != builtin.fingerprint


def test_a_folder_of_sentence_transformers_is_an_encoder_with_its_own_prompts(small_model):
    encoder = load_encoder(str(small_model))
    assert encoder.name == str(small_model)
    assert encoder.dimension == 3
    assert encoder.encode_documents(["水", "水 火", "", "。"]) == pytest.approx(
        np.array([[1, 0, 0], [0.5**0.5, 0.5**0.5, 0], [0, 0, 0], [0, 0, 0]]), abs=CLOSE
    )
    assert encoder.encode_query("水") == pytest.approx(np.array([1, 0, 5]) / 26**0.5, abs=CLOSE)
    assert not encoder.encode_query("").any()
    assert encoder.encode_documents([]).shape == (0, 3)
    assert encoder.fingerprint != load_encoder("builtin").fingerprint


@pytest.mark.parametrize("name", ["bge-small-zh-v1.5", "BGE-large-zh", "other-small-zh"])
def test_a_model_gets_the_instruction_that_its_makers_publish_and_its_files_leave_out(tiny_models, tmp_path, name):
    encoder = load_encoder(str(shutil.copytree(tiny_models / "encoder", tmp_path / name)))
    plain = load_encoder(str(tiny_models / "encoder"))
    words = "为这个句子生成表示以用于检索相关文章：" if name.lower().startswith("bge") else ""
    assert np.abs(encoder.encode_query("夜校") - plain.encode_query(words + "夜校")).max() <= CLOSE
    assert bool(np.abs(encoder.encode_query("夜校") - plain.encode_query("夜校")).max() > CLOSE) == bool(words)
    assert np.abs(encoder.encode_documents(["夜校"]) - plain.encode_documents(["夜校"])).max() <= CLOSE


def test_the_prompts_in_a_models_own_files_come_first(tiny_models, tmp_path):
    folder = shutil.copytree(tiny_models / "encoder", tmp_path / "bge-small-zh-v1.5")
    settings = json.loads((folder / "config_sentence_transformers.json").read_text("utf-8"))
    settings["prompts"] = {"query": "问：", "document": "水："}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(settings), "utf-8")
    encoder, plain = load_encoder(str(folder)), load_encoder(str(tiny_models / "encoder"))
    assert np.abs(encoder.encode_query("夜校") - plain.encode_query("问：夜校")).max() <= CLOSE
    assert np.abs(encoder.encode_documents(["夜校"])[0] - plain.encode_query("水：夜校")).max() <= CLOSE
    assert encoder.fingerprint != plain.fingerprint, "other words before a text make other vectors"


def test_weights_that_are_there_twice_make_no_other_model(tiny_models, tmp_path):
    folder = shutil.copytree(tiny_models / "encoder", tmp_path / "twice")
    (folder / "pytorch_model.bin").write_bytes(b"the same, pickled")
    assert load_encoder(str(folder)).fingerprint == load_encoder(str(tiny_models / "encoder")).fingerprint


def test_a_models_name_is_found_in_this_machines_cache(small_model, tmp_path, monkeypatch):
    snapshot = tmp_path / "models--some--small" / "snapshots" / "abc"
    shutil.copytree(small_model, snapshot)
    (tmp_path / "models--some--small" / "refs").mkdir()
    (tmp_path / "models--some--small" / "refs" / "main").write_text("abc")
    monkeypatch.setenv("SENTENCE_TRANSFORMERS_HOME", str(tmp_path))
    encoder = load_encoder("some/small")
    assert encoder.name == "some/small"
    assert encoder.fingerprint == load_encoder(str(small_model)).fingerprint


@pytest.mark.parametrize("name", ["no-such/model", "nomodel", "./no/folder", "/no/folder", "not a name: *", "..", ""])
def test_an_encoder_that_is_not_here_is_refused_at_once_in_one_line(name):
    began = time.monotonic()
    with pytest.raises(NoModel) as refusal:
        load_encoder(name)
    assert time.monotonic() - began < AT_ONCE
    assert repr(name) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_folder_that_is_no_model_is_refused_in_one_line(small_model, tmp_path):
    broken = shutil.copytree(small_model, tmp_path / "broken")
    (broken / "model.safetensors").unlink()
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "modules.json").write_text(json.dumps([]))
    cut = shutil.copytree(small_model, tmp_path / "cut")
    (cut / "tokenizer.json").write_text('{"version": ')
    for folder in (broken, foreign, cut):
        with pytest.raises(NoModel) as refusal:
            load_encoder(str(folder)).encode_query("水")
        assert str(folder) in str(refusal.value)
        assert "\n" not in str(refusal.value)


def test_a_builtin_folder_with_a_file_missing_is_refused(tmp_path):
    copy = shutil.copytree(BUILTIN_FOLDER, tmp_path / "half")
    (copy / "tokenizer.json").unlink()
    with pytest.raises(NoModel, match=r"tokenizer\.json missing"):
        StaticEncoder(copy, "builtin")
