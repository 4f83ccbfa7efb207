"""The files of a chip's logical data structure, one module a file (Doc 9303-10, sections 3 and 4).

Content is an attacker's until its hash stands in a verified EF.SOD: every parser is bounded in size and depth
and raises MalformedError alone.  What a later edition or a careless issuer put in besides is kept raw.
"""
