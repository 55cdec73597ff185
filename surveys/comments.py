"""When what carers wrote in a survey may be shown: from ten responses and enough comments."""

COMMENTS_FROM = 10
"""The fewest responses with which comments are shown."""


def comments_shown(responses: int, texts: int, threshold: int) -> bool:
    """Whether this many comments on one question are shown."""
    return responses >= COMMENTS_FROM and texts >= threshold
