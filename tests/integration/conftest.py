"""Services and commands are tested on real databases with the demo festival."""

from tests.support.kassa import copy_festival, festival_template, kassa, whole_festival

__all__ = ["copy_festival", "festival_template", "kassa", "whole_festival"]
