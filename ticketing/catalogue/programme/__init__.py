"""Programme files: read, checked and turned into one value, or refused with every fault in them.

Pure but for reading and writing the files: no database, no clock, no text for an audience.
"""
