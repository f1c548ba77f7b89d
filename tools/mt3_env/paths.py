"""Where things are in a checkout."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / '.venv'
PYTHON = VENV / 'bin' / 'python'
BUILD, INSTALL, LOG = ROOT / 'build', ROOT / 'install', ROOT / 'log'
SETUP_LOG = LOG / 'setup'
LOCKS = ROOT / 'locks'
