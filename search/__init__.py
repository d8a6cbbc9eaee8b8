"""Full-text search that knows no web framework and no database: plain documents in, plain answers out."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read by numpy when it is first imported; as in media/__init__.py
