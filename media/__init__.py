"""Object stores, safe probing, transcoding, captions and document text.

Knows no Flask and no model: plain values in and out.
"""
