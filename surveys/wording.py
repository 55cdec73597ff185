"""What the English words of a question touch on, so that it is asked in the right way or thought over first.

Lists like these catch the plain cases and no others; who writes a survey still answers for it.
"""

import re

_WELLBEING = re.compile(
    r"""
    \bwell[- ]?being\b | \bhealth | \bmental | \bill(ness)?\b | \bunwell\b | \bsick | \bmedic | \bdisab
    | \bdiagnos | \bdepress | \banxi | \bstress | \blonel | \bisolated\b | \bmood\b | \bsleep
    | \bexhaust | \bburn(ed|t)?[- ]?out\b | \boverwhelm | \bcop(e|ing)\b | \bhappiness\b
    | \bhappy\b(?!\s+(with|to|for|about)\b)
    | \bfeel(ing)?\s+(well|down|low|sad)\b
    | \b(your|my)\s+li(fe|ves)\b | \bworthwhile\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_IDENTITY = re.compile(
    r"""
    \bnames?\b | \binitials\b | \bdate\s+of\s+birth\b | \bbirthday\b | \baddress(es)?\b | \bpostcode\b
    | \be-?mail\b | \b(tele)?phone\s+number | \bwho\s+(is|was)\s+(your|the)\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_A_CHILD = re.compile(
    r"""
    \b(your|the|this|that|each|one|which|a)\s+((foster(ed)?|looked[- ]after|birth|own)\s+)?
      (child|boy|girl|baby|toddler|teenager|young\s+person|son|daughter)\b
    | \bfoster(ed)?\s+child\b | \bchild('|’)s\b
    """,
    re.IGNORECASE | re.VERBOSE,
)


def speaks_of_wellbeing(text: str) -> bool:
    """Whether it asks how somebody is: their health, mood, sleep, or how content they are with their life."""
    return _WELLBEING.search(text) is not None


def asks_who(text: str) -> bool:
    """Whether it asks for a name, or for what is as good as one."""
    return _IDENTITY.search(text) is not None


def asks_of_a_child(text: str) -> bool:
    """Whether it asks about one child, so that an answer may tell of a case."""
    return _A_CHILD.search(text) is not None
