"""Object stores, safe probing, transcoding, captions and document text.

Knows no Flask and no model: plain values in and out.
"""

import os

# numpy reads this when it is first imported. Its matrices are small here, and work is spread over processes: threads of one
# product that wait for a processor cost ten times what they calculate.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
