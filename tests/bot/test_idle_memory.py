"""What a running service does not load: it is to stay small on a small machine."""

import json
import subprocess
import sys

RUN = """
import asyncio, json, sys
from bot.app import running
from bot.logs import set_up_logs
from bot.settings import load
from handlers.routes import handlers

handlers()
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""
"""What `hearthline run` imports, its handlers included, which are imported when it starts."""
FOR_REPORTS = {"scipy", "pandas", "matplotlib", "numpy", "docx", "weasyprint"}
FOR_FILES = {"openpyxl", "xlsxwriter", "icalendar", "phonenumbers"}
ONCE_IN_A_WHILE = {"alembic"}


def test_a_running_service_loads_nothing_that_only_reports_files_and_updates_need() -> None:
    done = subprocess.run([sys.executable, "-c", RUN], capture_output=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert "telegram" in loaded
    assert not loaded & (FOR_REPORTS | FOR_FILES | ONCE_IN_A_WHILE)
