"""Knowledge in and out: files of several kinds become drafts of articles, and articles become files.

A file is read in a process of its own (`worker`), which looks at what it is (`kinds`), reads it into blocks (`readers`) and
splits those into questions and answers (`split`). What comes of it is compared with the articles there are (`drafts`) and kept
as a preview until somebody accepts it (`imports`). `export` is the other way.
"""
