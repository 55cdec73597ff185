"""Tests of surveys: answering, the close, what results may say, and an insider who tries to link."""
