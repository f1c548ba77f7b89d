"""The paraphrase set: at least 97 % find their task, off-topic texts are refused."""

from pathlib import Path

import pytest
import yaml

from mt3_retrieval.config import RetrievalConfig
from mt3_retrieval.language import parse, similarity
from mt3_retrieval.language.embedding import default_embedder
from mt3_retrieval.task_search import noun_score

DATA = Path(__file__).parent / 'data'


@pytest.mark.parametrize('embed', [None, default_embedder()], ids=['parse', 'parse and embedding'])
def test_paraphrases_find_their_task(embed):
    paraphrases = yaml.safe_load((DATA / 'paraphrases.yaml').read_text(encoding='utf-8'))
    off_topic = yaml.safe_load((DATA / 'off_topic.yaml').read_text(encoding='utf-8'))
    asked = [(text, task) for task, texts in paraphrases.items() for text in texts]
    assert len(paraphrases) >= 100 and len(asked) >= 300 and len(off_topic) >= 100
    limit, nouns = RetrievalConfig().min_language, noun_score(embed)

    def best(text):
        parsed = parse(text)
        scores = {task: similarity(parsed, parse(task), nouns) for task in paraphrases}
        task = max(scores, key=scores.get)
        return task if scores[task] >= limit else ''

    wrong = [(text, task, best(text)) for text, task in asked if best(text) != task]
    assert len(wrong) <= 0.03 * len(asked), wrong
    accepted = [(text, best(text)) for text in off_topic if best(text)]
    assert len(accepted) <= 0.02 * len(off_topic), accepted
