"""Chunk files with one library, in that library's own environment: `python chunk.py LIBRARY [TOKENIZER] < texts`.

Standard input: a JSON object from names of files to their texts. Standard output: `{"version", "seconds", "chunks"}`,
where `chunks` gives for each name a list of `[text, first, last]`; the lines (1-based, inclusive) are null where the
library tells none. All libraries, wikiagent too, are run and timed by this script, under the same conditions.

With the file of a tokenizer, a chunk has at most as many of its tokens as wikiagent's have; without one, as many
characters as come near to that.
"""

import json
import os
import sys
import time
from importlib.metadata import version

WARM_UP = "def f():\n    return 1\n"
SIZE = 1500
TOKENS = 512


def bare_parse(_):
    """The floor: the syntax tree alone."""
    import tree_sitter
    import tree_sitter_python

    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))

    def chunk(text):
        parser.parse(text.encode())
        return ()

    return "tree-sitter", chunk


def wikiagent(_):
    from wikiagent.code.chunks import chunk_file
    from wikiagent.index.embed import WordLlama

    embedder = WordLlama()

    def chunk(text):
        for made in chunk_file("file.py", text.split("\n"), embedder.count, embedder.limit):
            yield made.text, made.place.first, made.place.last

    return "wikiagent", chunk


def astchunk(_):
    from astchunk import ASTChunkBuilder

    builder = ASTChunkBuilder(max_chunk_size=SIZE, language="python", metadata_template="default")

    def chunk(text):
        for made in builder.chunkify(text):
            yield made["content"], made["metadata"]["start_line_no"] + 1, made["metadata"]["end_line_no"] + 1

    return "astchunk", chunk


def llama_index(tokenizer):
    import tree_sitter
    import tree_sitter_python
    from llama_index.core.node_parser import CodeSplitter

    # With the grammar's own wheel: the language pack that it would take downloads grammars when it is first used.
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_python.language()))
    if tokenizer:
        ids = lambda text: tokenizer.encode(text, add_special_tokens=False).ids  # noqa: E731
        splitter = CodeSplitter(language="python", count_mode="token", max_tokens=TOKENS, tokenizer=ids, parser=parser)
    else:
        splitter = CodeSplitter(language="python", max_chars=SIZE, parser=parser)

    def chunk(text):
        for made in splitter.split_text(text):
            yield made, None, None

    return "llama-index-core", chunk


def langchain(_):
    from langchain_text_splitters import Language, RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter.from_language(
        Language.PYTHON, chunk_size=SIZE, chunk_overlap=0, add_start_index=True
    )

    def chunk(text):
        for made in splitter.create_documents([text]):
            yield made.page_content, *lines(text, made.metadata["start_index"], made.page_content)

    return "langchain-text-splitters", chunk


def chonkie(tokenizer):
    from chonkie import CodeChunker

    if tokenizer:
        chunker = CodeChunker(tokenizer, language="python", chunk_size=TOKENS)
    else:
        chunker = CodeChunker(language="python", chunk_size=SIZE)

    def chunk(text):
        for made in chunker.chunk(text):
            yield made.text, *lines(text, made.start_index, made.text)

    return "chonkie", chunk


def lines(text, start, chunk):
    """The lines of a text that a chunk from a character on is on."""
    first = text.count("\n", 0, start) + 1
    return first, first + chunk.count("\n")


LIBRARIES = {
    "bare parse": bare_parse,
    "wikiagent": wikiagent,
    "astchunk": astchunk,
    "LlamaIndex": llama_index,
    "LangChain": langchain,
    "chonkie": chonkie,
}


def tokenizer_of(file):
    from tokenizers import Tokenizer

    return Tokenizer.from_file(file)


def main():
    library, *tokenizer = sys.argv[1:]
    distribution, chunk = LIBRARIES[library](*map(tokenizer_of, tokenizer) if tokenizer else [None])
    texts = json.load(sys.stdin)
    list(chunk(WARM_UP))
    begun = time.process_time()  # what other programs do on the machine does not count
    chunks = {name: list(chunk(text)) for name, text in texts.items()}
    seconds = time.process_time() - begun
    json.dump({"version": version(distribution), "seconds": seconds, "chunks": chunks}, sys.stdout)


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    main()
