"""Surveys: definitions, rounds, answers, and the anonymity that lets carers dare to answer."""
