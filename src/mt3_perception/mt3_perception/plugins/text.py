"""Settings of the segmenter that finds what a text names."""

from mt3_common.config import Config, setting

__all__ = ['TextConfig']


class TextConfig(Config):
    """Which models, and what they look for. Weights are looked for on this machine only."""

    prompt: str = setting('', 'what to look for, phrases separated by full stops: "a mug. a screwdriver."')
    detector: str = setting('', 'folder (or cached name) of a Grounding DINO model with its processor')
    masks: str = setting('', 'folder (or cached name) of a SAM 2 model with its processor')
    device: str = setting('cpu', 'torch device, such as cpu or cuda')
    box_threshold: float = setting(0.3, 'boxes with a lower score are left out', ge=0.0, le=1.0)
    text_threshold: float = setting(0.25, 'words with a lower score do not name a box', ge=0.0, le=1.0)
    max_overlap: float = setting(
        0.7, 'of two masks that overlap by a larger share of the smaller one, the less sure is left out', ge=0.0, le=1.0
    )
