"""The synthetic province (虚构省份): deliveries as regions would send them, drawn from a known truth.

`draw_province` writes deliveries, registers and budgets below one folder and the truth below another. Everything in it
is invented: no record stands for a person, a doctor or a hospital.
"""

from drg.synth.assumptions import Rates
from drg.synth.defects import Defect
from drg.synth.province import FORMATS, Drawn, draw_province

__all__ = ["FORMATS", "Defect", "Drawn", "Rates", "draw_province"]
