"""How alike two submissions are: fingerprints of data flow and of tokens, weighed by how rare they are in the class.

`sources` reads a folder, `fingerprint` makes of each work what can be stored, `score` compares all, `evidence` says where.
"""
