"""Parameters of the retrieval node."""

from mt3_common.config import setting
from mt3_retrieval.config import RetrievalConfig

__all__ = ['RetrievalNodeConfig']


class RetrievalNodeConfig(RetrievalConfig):
    """The node's own settings beside those of retrieval."""

    library: str = setting('~/.mt3/library', 'folder or s3:// address of the demonstration library; made when absent')
    scene_topic: str = setting('/mt3/scene', 'scenes to use when a request brings none')
    max_scene_age_s: float = setting(1.0, 'older scenes are refused; 0: any age', 's', ge=0.0, le=3600.0)
    base_frame: str = setting('panda_link0', 'frame in which bottlenecks of listed demonstrations are reported')
    overlay: bool = setting(True, 'send the picture of the alignment with each answer')
