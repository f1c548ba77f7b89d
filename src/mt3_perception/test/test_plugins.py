"""Segmenters of others: found by name, checked, and what is missing is said."""

import importlib.metadata
import sys
import types

import numpy as np
import pytest

from mt3_common.errors import InvalidInput, MT3Error, StatusCode
from mt3_perception.plugins import Instances, load_segmenter
from mt3_perception.plugins.loading import ENTRY_POINTS
from mt3_perception.plugins.text import TextConfig
from mt3_perception.plugins.transformers_adapter import TextSegmenter, paint
from mt3_perception.scene_builder import segmentation_from_labels

IMAGE = np.zeros((48, 64, 3), np.uint8), np.ones((48, 64), np.float32), np.eye(3), np.eye(4)


class Toy:
    """A segmenter that is a class: it is made once."""

    made = 0

    def __init__(self):
        Toy.made += 1

    def __call__(self, rgb, depth_m, K, T_base_camera):
        ids = np.zeros(depth_m.shape, int)
        ids[10:30, 10:30] = 3
        return Instances(ids, {3: ('cup', 0.9)})


@pytest.fixture
def toy(monkeypatch):
    module = types.ModuleType('toy_segmenter')
    module.Toy, module.number = Toy, 5
    module.returns_text = lambda *image: 'cup'
    monkeypatch.setitem(sys.modules, 'toy_segmenter', module)


def test_builtin_is_none():
    assert load_segmenter('builtin') is None


def test_module_and_class(toy):
    before = Toy.made
    segmenter = load_segmenter('toy_segmenter:Toy')
    assert segmenter(*IMAGE).names == {3: ('cup', 0.9)}
    segmenter(*IMAGE)
    assert Toy.made == before + 1


def test_entry_point(toy, monkeypatch):
    point = importlib.metadata.EntryPoint('mine', 'toy_segmenter:Toy', ENTRY_POINTS)
    monkeypatch.setattr(importlib.metadata, 'entry_points', lambda group: [point] if group == ENTRY_POINTS else [])
    assert load_segmenter('mine')(*IMAGE).ids.max() == 3
    with pytest.raises(InvalidInput, match='installed: mine'):
        load_segmenter('other')


@pytest.mark.parametrize(
    ('name', 'words'),
    [
        ('toy_segmenter:absent', 'cannot be imported'),
        ('no_such_module:x', 'cannot be'),
        ('toy_segmenter:number', 'not c'),
    ],
)
def test_what_cannot_be_used_is_refused(toy, name, words):
    with pytest.raises(InvalidInput, match=words):
        load_segmenter(name)


def test_a_wrong_answer_is_refused(toy):
    with pytest.raises(InvalidInput, match='returned a str'):
        load_segmenter('toy_segmenter:returns_text')(*IMAGE)


def test_names_follow_the_objects_that_are_left():
    """Ids that hold no depth are dropped; the names of the others do not slip."""
    ids = np.zeros((48, 64), int)
    ids[5:15, 5:15], ids[20:30, 20:30], ids[35:45, 40:60] = 9, 2, 5
    depth = np.ones((48, 64), np.float32)
    depth[20:30, 20:30] = np.nan
    K = np.array([[60.0, 0, 32], [0, 60.0, 24], [0, 0, 1]])
    found = segmentation_from_labels(ids, depth, K, np.eye(4))
    names = Instances(ids, {9: ('a', 0.9), 2: ('b', 0.8), 5: ('c', 0.7)}).names_of(found)
    assert names == [('c', 0.7), ('a', 0.9)]


@pytest.mark.parametrize(
    ('values', 'words'),
    [
        ({}, 'text.prompt'),
        ({'prompt': 'a mug.'}, 'text.detector'),
        ({'prompt': 'a mug', 'detector': 'x'}, 'text.masks'),
    ],
)
def test_what_the_text_segmenter_lacks_is_named(values, words):
    with pytest.raises(InvalidInput, match=words):
        TextSegmenter(TextConfig(**values))


def test_without_the_packages_it_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, 'torch', None)
    with pytest.raises(MT3Error, match='needs the packages torch and transformers') as no:
        load_segmenter('text', TextConfig(prompt='a mug', detector='x', masks='y'))
    assert no.value.code == StatusCode.NO_DATA


def test_overlapping_masks_of_one_thing_become_one():
    masks = np.zeros((4, 20, 20), bool)
    masks[0, 2:12, 2:12] = masks[1, 3:12, 2:12] = True  # the same thing twice
    masks[2, 10:18, 10:18] = True  # touches the first
    found = paint(masks, np.array([0.5, 0.8, 0.6, 0.9]), ['mug', 'cup', 'box', 'nothing'], (20, 20), 0.7)
    assert found.names == {1: ('cup', pytest.approx(0.8)), 2: ('box', pytest.approx(0.6))}
    assert np.array_equal(found.ids == 1, masks[1])
    assert np.array_equal(found.ids == 2, masks[2] & ~masks[1])


@pytest.fixture(scope='module')
def models(tmp_path_factory):
    """Folders with a Grounding DINO and a SAM 2 of a few thousand random numbers, made here."""
    torch = pytest.importorskip('torch', reason='torch is not part of the environment; see docs/cameras.md')
    transformers = pytest.importorskip('transformers', reason='transformers is not part of the environment')
    torch.manual_seed(0)
    detector, masks = (tmp_path_factory.mktemp(name) for name in ('detector', 'masks'))
    words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', '.', '?', 'a', 'mug', 'box', *'abcdefghij']
    (detector / 'vocab.txt').write_text('\n'.join(words))
    swin = transformers.SwinConfig(
        image_size=64, embed_dim=16, depths=[1, 1, 1, 1], num_heads=[1, 1, 2, 2], window_size=4, out_indices=[2, 3, 4]
    )
    bert = transformers.BertConfig(
        vocab_size=len(words), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32
    )
    config = transformers.GroundingDinoConfig(
        backbone_config=swin,
        text_config=bert.to_dict(),
        num_queries=12,
        encoder_layers=1,
        decoder_layers=2,  # the first one's weights are those of the others: with one alone nothing could be tied
        encoder_ffn_dim=32,
        decoder_ffn_dim=32,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        d_model=32,
        disable_custom_kernels=True,
    )
    transformers.GroundingDinoForObjectDetection(config).save_pretrained(detector)
    transformers.GroundingDinoProcessor(
        transformers.GroundingDinoImageProcessor(size={'shortest_edge': 64, 'longest_edge': 96}),
        transformers.BertTokenizerFast(vocab_file=str(detector / 'vocab.txt')),
    ).save_pretrained(detector)
    small = transformers.Sam2Config(
        vision_config={
            'backbone_config': {
                'model_type': 'sam2_hiera_det_model',
                'hidden_size': 12,
                'num_attention_heads': 1,
                'image_size': [128, 128],
                'blocks_per_stage': [1, 1, 2, 1],
                'embed_dim_per_stage': [12, 24, 48, 96],
                'num_attention_heads_per_stage': [1, 2, 4, 8],
                'window_size_per_stage': [8, 4, 8, 4],
                'global_attention_blocks': [3],
            },
            'backbone_channel_list': [96, 48, 24, 12],
            'backbone_feature_sizes': [[32, 32], [16, 16], [8, 8]],
            'fpn_hidden_size': 32,
        },
        prompt_encoder_config={'hidden_size': 32, 'image_size': 128, 'mask_input_channels': 4},
        mask_decoder_config={
            'hidden_size': 32,
            'mlp_dim': 32,
            'num_attention_heads': 2,
            'iou_head_hidden_dim': 32,
        },
    )
    transformers.Sam2Model(small).save_pretrained(masks)
    return detector, masks


def test_tiny_random_models_run_from_prompt_to_instances(models):
    """They find nothing sensible, but all is loaded, called and converted as the real ones would be."""
    detector, masks = models
    config = TextConfig(prompt='A mug. a  box', detector=str(detector), masks=str(masks), box_threshold=0.0)
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 255, (48, 64, 3)).astype(np.uint8)
    segmenter = load_segmenter('text', config)
    boxes, scores, labels = segmenter._segmenter._detect(rgb)
    assert len(boxes) == len(scores) == len(labels) == 12
    assert segmenter._segmenter._segment(rgb, boxes).shape == (12, 48, 64)
    found = segmenter(rgb, *IMAGE[1:])
    assert found.ids.shape == (48, 64)
    assert set(np.unique(found.ids)) - {0} <= set(found.names)
    none = load_segmenter('text', config.model_copy(update={'box_threshold': 1.0}))(rgb, *IMAGE[1:])
    assert not none.ids.any()


def test_absent_weights_are_named(models, tmp_path):
    detector, _ = models
    with pytest.raises(MT3Error, match=r'text\.masks .* holds no weights') as no:
        TextSegmenter(TextConfig(prompt='a mug', detector=str(detector), masks=str(tmp_path)))
    assert no.value.code == StatusCode.NO_DATA
