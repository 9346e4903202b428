"""Imported once by the parent of the processes that are killed, so that each of them need not read the dictionaries anew."""

from knowledge.lexicon import load_lexicon
from knowledge.segment import tokens

tokens(load_lexicon().expand("开户"))
