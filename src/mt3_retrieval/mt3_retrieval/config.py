"""Settings of retrieval."""

from typing import Literal

from mt3_common.config import Config, setting
from mt3_retrieval.alignment import AlignmentConfig

__all__ = ['RetrievalConfig']


class RetrievalConfig(Config):
    """How a demonstration and an object are chosen."""

    origin: Literal['real', 'simulated'] = setting(
        'real', 'which demonstrations are used: recorded on a robot or in simulation, never both'
    )
    max_candidates: int = setting(10, 'candidates returned, unless the request says otherwise', '', ge=1, le=1000)
    max_aligned: int = setting(12, 'pairs of demonstration and object that are aligned at most', '', ge=1, le=200)
    aligned_at_once: int = setting(2, 'pairs aligned at a time after the most promising one', '', ge=1, le=200)
    enough_fit: float = setting(
        0.4,
        'fit of a trusted alignment from which objects of other shapes are not aligned any more',
        '',
        ge=0.0,
        le=1.0,
    )
    twin_ratio: float = setting(
        0.6,
        'objects with this share of the best shape similarity are aligned too, for there may be two alike',
        '',
        ge=0.0,
        le=1.0,
    )
    language_pool: int = setting(5000, 'demonstrations compared by words and shape', '', ge=1, le=100000)
    min_language: float = setting(0.55, 'task texts less alike than this are different tasks', '', ge=0.0, le=1.0)
    min_text_cosine: float = setting(
        0.8,
        'cosine of sentence embeddings from which a text that was not parsed may be a taught task',
        '',
        ge=0.0,
        le=1.0,
    )
    language_weight: float = setting(1.0, 'weight of the task text beside the fit in the ranking', '', ge=0.0, le=10.0)
    colour_weight: float = setting(0.5, 'weight of a named colour beside the fit in the ranking', '', ge=0.0, le=10.0)
    label_weight: float = setting(0.5, 'weight of a detector label beside the fit in the ranking', '', ge=0.0, le=10.0)
    min_fit: float = setting(
        -0.1,
        'fit (1: all explained, nothing seen through; seen-through points weigh most) below which an object is not the '
        'demonstrated one',
        '',
        ge=-1.0,
        le=1.0,
    )
    min_overlap: float = setting(
        0.1,
        'an object that explains less of the demonstrated one is not it, however little contradicts',
        '',
        ge=0.0,
        le=1.0,
    )
    ambiguous_margin: float = setting(
        0.02, 'two different objects this near in total score are refused as ambiguous', '', ge=0.0, le=1.0
    )
    refuse_ambiguous: bool = setting(True, 'refuse when two objects fit equally well; false: take the first')
    cached_views: int = setting(256, 'prepared demonstrations kept in memory, 1 MB each', '', ge=1, le=100000)
    cached_demonstrations: int = setting(
        48, 'whole demonstrations with their pictures kept in memory, 2.5 MB each', '', ge=1, le=100000
    )
    threads: int = setting(0, 'cores used for aligning; 0: all', '', ge=0, le=256)
    alignment: AlignmentConfig = AlignmentConfig()
