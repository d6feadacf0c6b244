"""Small real models for tests: BERTs of one layer with random weights, saved as sentence-transformers saves them.

In: a folder. Out: a model in it that loads, encodes and scores like any from a hub; what it thinks is chance, but the
same chance every time.
"""

from pathlib import Path

LETTERS = "水火问夜校渡轮粮仓水库的一了在是有几多少镇乡村开放修万元人年月日0123456789，。？"
WIDTH = 32  # numbers in a vector


def _bert(seed: int, **more):
    import torch
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertTokenizerFast

    torch.manual_seed(seed)
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *dict.fromkeys(LETTERS)]
    words = BertWordPieceTokenizer({piece: n for n, piece in enumerate(pieces)})
    tokenizer = BertTokenizerFast(tokenizer_object=words._tokenizer, model_max_length=128)
    config = BertConfig(
        vocab_size=len(pieces), hidden_size=WIDTH, intermediate_size=64, num_hidden_layers=1, num_attention_heads=2
    )
    for name, value in more.items():
        setattr(config, name, value)
    return tokenizer, config


def tiny_encoder(folder: Path) -> Path:
    """A model whose vectors have WIDTH numbers, without prompts."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertModel

    tokenizer, config = _bert(1)
    plain = folder.with_name(folder.name + "-plain")
    BertModel(config).save_pretrained(plain)
    tokenizer.save_pretrained(plain)
    SentenceTransformer(modules=[Transformer(str(plain)), Pooling(WIDTH)]).save(str(folder))
    return folder


def tiny_reranker(folder: Path, labels: int = 1) -> Path:
    """A cross-encoder that gives `labels` numbers for a pair."""
    from transformers import BertForSequenceClassification

    tokenizer, config = _bert(2, num_labels=labels, initializer_range=0.5)
    BertForSequenceClassification(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def tiny_writer(folder: Path) -> Path:
    """A chat model that writes what chance has it write, halves of characters among it."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

    torch.manual_seed(3)
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    pieces = [*special, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    bytes_alone = Tokenizer(models.BPE({piece: n for n, piece in enumerate(pieces)}, []))
    bytes_alone.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytes_alone.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bytes_alone, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    tokenizer.chat_template = (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
        "<|im_start|>assistant\n"
    )
    config = Qwen2Config(
        vocab_size=len(pieces),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=2,
        eos_token_id=2,
        pad_token_id=0,
        max_position_embeddings=32_768,
    )
    Qwen2ForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
