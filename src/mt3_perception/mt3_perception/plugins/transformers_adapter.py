"""Objects that a text names: boxes by Grounding DINO (Liu et al. 2023), masks in them by SAM 2 (Ravi et al. 2024).

The one module that knows the packages torch and transformers; neither is installed with the project. Pictures are
prepared for SAM 2 here, since its own processor needs torchvision as well.
"""

from pathlib import Path
from typing import Any

import numpy as np

from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_perception.plugins.interface import Instances
from mt3_perception.plugins.text import TextConfig

__all__ = ['TextSegmenter', 'paint']

_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet, as both models were trained


class TextSegmenter:
    """Loads both models once; each call takes as long as they do.

    Raises:
        InvalidInput: No prompt, or no model is named.
        MT3Error: NO_DATA; a package or the weights are missing.
    """

    def __init__(self, config: TextConfig) -> None:
        phrases = [' '.join(p.lower().split()) for p in config.prompt.split('.')]
        self._phrases = [p for p in phrases if p]
        if not self._phrases:
            raise InvalidInput('text.prompt is empty; name what to look for, such as "a mug. a screwdriver."')
        for name in ('detector', 'masks'):
            if not getattr(config, name):
                raise InvalidInput(f'text.{name} is empty; name a folder with the weights of a model')
        try:
            import torch
            from transformers import AutoModelForZeroShotObjectDetection, AutoProcessor, Sam2Model
        except ImportError as error:
            raise MT3Error(
                f'the segmenter "text" needs the packages torch and transformers (4.56 or later): {error}; '
                'install them into this environment, or set segmenter to builtin',
                StatusCode.NO_DATA,
            ) from error
        self._config, self._torch = config, torch
        self._processor = self._load('detector', AutoProcessor, use_fast=False)
        self._detector = self._ready('detector', AutoModelForZeroShotObjectDetection)
        self._masks = self._ready('masks', Sam2Model)

    def _load(self, name: str, kind: Any, **options: Any) -> Any:
        where = getattr(self._config, name)
        folder = Path(where).expanduser()
        try:
            return kind.from_pretrained(str(folder) if folder.is_dir() else where, local_files_only=True, **options)
        except (OSError, ValueError, KeyError) as error:  # what transformers raises for absent and for foreign files
            raise MT3Error(
                f'text.{name} {where!r} holds no weights that can be loaded: {str(error).splitlines()[0]}; nothing is '
                'downloaded here: put the model into a folder and name that',
                StatusCode.NO_DATA,
            ) from error

    def _ready(self, name: str, kind: Any) -> Any:
        return self._load(name, kind).to(self._config.device).eval()

    def __call__(self, rgb: np.ndarray, depth_m: np.ndarray, K: np.ndarray, T_base_camera: np.ndarray) -> Instances:
        """Return what the prompt names; see `Segmenter`."""
        with self._torch.inference_mode():
            boxes, scores, labels = self._detect(rgb)
            masks = self._segment(rgb, boxes) if len(boxes) else np.zeros((0, *rgb.shape[:2]), bool)
        return paint(masks, scores, labels, rgb.shape[:2], self._config.max_overlap)

    def _detect(self, rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[str]]:
        """Boxes (N, 4) left, top, right, bottom [pixel], scores (N,), labels."""
        text = '. '.join(self._phrases) + '.'
        inputs = self._processor(images=rgb, text=text, return_tensors='pt').to(self._config.device)
        (found,) = self._processor.post_process_grounded_object_detection(
            self._detector(**inputs),
            inputs.input_ids,
            threshold=self._config.box_threshold,
            text_threshold=self._config.text_threshold,
            target_sizes=[rgb.shape[:2]],
        )
        boxes, scores = (found[name].detach().float().cpu().numpy() for name in ('boxes', 'scores'))
        return boxes, scores, [str(label) for label in found.get('text_labels', found['labels'])]

    def _segment(self, rgb: np.ndarray, boxes: np.ndarray) -> np.ndarray:
        """Masks (N, H, W) bool of what is in each box."""
        torch, functional = self._torch, self._torch.nn.functional
        side = int(self._masks.config.prompt_encoder_config.image_size)  # pictures are made square
        height, width = rgb.shape[:2]
        pixels = (
            torch.from_numpy(np.ascontiguousarray(rgb)).permute(2, 0, 1)[None].to(self._config.device).float() / 255
        )
        pixels = functional.interpolate(pixels, (side, side), mode='bilinear', align_corners=False, antialias=True)
        mean, std = (torch.tensor(v, device=pixels.device).view(1, 3, 1, 1) for v in (_MEAN, _STD))
        scaled = torch.from_numpy(boxes * (np.array([side / width, side / height] * 2))).float()
        found = self._masks(
            pixel_values=(pixels - mean) / std,
            input_boxes=scaled[None].to(pixels.device),
            multimask_output=False,
        )
        masks = functional.interpolate(
            found.pred_masks[0].float(), (height, width), mode='bilinear', align_corners=False
        )
        return (masks[:, 0] > 0.0).detach().cpu().numpy()


def paint(
    masks: np.ndarray, scores: np.ndarray, labels: list[str], shape: tuple[int, int], max_overlap: float
) -> Instances:
    """Return instances of masks (N, H, W) that may overlap: the surest keep their pixels.

    Args:
        masks: (N, H, W) bool.
        scores: (N,) in [0, 1].
        labels: Of each.
        shape: (H, W).
        max_overlap: A mask that shares more than this of the smaller one with a surer one is the same thing.
    """
    ids, names, kept = np.zeros(shape, np.int32), {}, []
    for index in np.argsort(-np.asarray(scores), kind='stable'):
        mask = masks[index]
        area = np.count_nonzero(mask)
        if not area or any(
            np.count_nonzero(mask & other) > max_overlap * min(area, np.count_nonzero(other)) for other in kept
        ):
            continue
        kept.append(mask)
        number = len(kept)
        ids[mask & (ids == 0)] = number
        names[number] = labels[index], float(scores[index])
    return Instances(ids, names)
