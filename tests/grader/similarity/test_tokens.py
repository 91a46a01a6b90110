"""Tokens forget layout, comments and the student's names, and keep what libraries and numbers say."""

from grader.similarity.tokens import GRAM, grams_of, pieces_of, tokens_of


def words(text: str) -> list[str]:
    return tokens_of(text, pieces_of(text)).words


def test_layout_comments_and_names_are_forgotten() -> None:
    assert words("total = 3 * first  # three times\n") == words("n=3*x\n")


def test_docstrings_are_forgotten_and_strings_are_not() -> None:
    assert words('def f():\n    """Says\n    a lot."""\n    return "text"\n') == words("def g():\n    return 'other'\n")
    assert words("f(\n    'a')\n").count("text") == 1
    assert words("'first line'\nx = 1  # one\n# two\n'third'  # said\n") == words("x = 1\n")
    assert words("x = [\n    'one'\n]\n'two'\n").count("text") == 1


def test_what_a_library_named_is_kept_and_own_methods_are_not() -> None:
    assert words("np.argmax(x)\n") != words("np.argmin(x)\n")
    own = "class A:\n    def {0}(self):\n        self.{1} = 1\n        return self.{0}(self.{1})\n"
    assert words(own.format("go", "a")) == words(own.format("run", "b"))


def test_each_token_knows_its_line() -> None:
    text = 'a = 1\n"""\nlong\n"""\nb = 2\n'
    found = tokens_of(text, pieces_of(text))
    assert [place for place in zip(found.written, found.lines, strict=True) if place[0] in "ab"] == [("a", 1), ("b", 5)]


def test_a_file_that_is_shorter_than_a_gram_has_none() -> None:
    assert len(grams_of(words("x = 1\n"))) == 0
    assert len(grams_of(words("f(" + "x, " * GRAM + ")"))) > 0
