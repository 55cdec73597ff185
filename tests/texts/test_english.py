"""The English that carers read is short, plain and British."""

import re

import pytest

from tools import catalogues

LONGEST_SENTENCE = 25
"""Words: what government guidance on plain English asks for."""

JARGON = re.compile(
    r"\b(rsvp|deliverables?|endpoints?|tokens?|users?|submit\w*|click\w*|invalid|errors?|session|database|opt"
    r"|notifications?|broadcasts?|payload|null|timeout|parameters?|process\w*|utili[sz]e\w*|regarding|ensure"
    r"|placements?|stakeholders?|service users?|respondents?|data subject|kindly|hereby)\b",
    re.IGNORECASE,
)
AMERICAN = re.compile(
    r"\b(organiz\w+|canceled|canceling|color|center|favorite|enrollment|program|neighbor\w*|apologiz\w+"
    r"|recogniz\w+|behavior|honor\w*|mom|cell ?phone|zip code|gotten|check-in)\b",
    re.IGNORECASE,
)
COLD = re.compile(
    r"\b(must|failed|failure|illegal|forbidden|denied|rejected|mandatory|not allowed)\b|!", re.IGNORECASE
)


def _texts() -> list[str]:
    found = []
    for _, message in catalogues.messages():
        found += [message.id] if isinstance(message.id, str) else list(message.id)
    return sorted(set(found))


@pytest.mark.parametrize("words", [JARGON, AMERICAN, COLD], ids=["jargon", "american", "cold"])
def test_no_carer_reads_such_words(words: re.Pattern[str]) -> None:
    assert [text for text in _texts() if words.search(text)] == []


def test_no_sentence_is_long() -> None:
    sentences = [sentence for text in _texts() for sentence in re.split(r"(?<=[.?!])\s+", text)]
    assert [one for one in sentences if len(one.split()) > LONGEST_SENTENCE] == []


def test_no_text_is_more_than_a_few_sentences() -> None:
    assert [text for text in _texts() if len(re.findall(r"[.?!](?:\s|$)", text)) > 4] == []


def test_quotation_marks_and_dashes_are_the_printers() -> None:
    assert [text for text in _texts() if re.search(r'"| - |--|\.\.\.', text)] == []
