"""How often a paraphrase finds its task, and an off-topic text is refused.

    python benchmarks/language.py [--quick]

Every task of `src/mt3_retrieval/test/data/paraphrases.yaml` is taught once; each paraphrase is asked for, with the
structured parse alone and with the sentence embedding (where its weights are installed).
"""

import argparse
import json
import platform
import subprocess
import time
from pathlib import Path

import numpy as np
import yaml

from mt3_retrieval.config import RetrievalConfig
from mt3_retrieval.language import parse, similarity
from mt3_retrieval.language.embedding import default_embedder
from mt3_retrieval.task_search import noun_score

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT / 'src' / 'mt3_retrieval' / 'test' / 'data'


def answer(text: str, tasks: list[str], embed, config: RetrievalConfig) -> tuple[str, float]:
    """Return the taught task that a text finds (empty: refused) and its similarity, as retrieval decides it."""
    parsed, nouns = parse(text), noun_score(embed)
    if parsed.understood:
        scores = [similarity(parsed, parse(task), nouns) for task in tasks]
        limit = config.min_language
    elif parsed.unknown_words and embed is not None:
        scores, limit = [float(embed(text) @ embed(task)) for task in tasks], config.min_text_cosine
    else:
        return '', 0.0
    best = int(np.argmax(scores))
    return (tasks[best], scores[best]) if scores[best] >= limit else ('', scores[best])


def measure(embed, quick: bool, file: str, off_topic_file: str = 'off_topic.yaml') -> dict:
    """Return the numbers of one configuration and its failures; `file` holds what is asked."""
    config = RetrievalConfig()
    paraphrases = yaml.safe_load((DATA / 'paraphrases.yaml').read_text(encoding='utf-8'))
    off_topic = yaml.safe_load((DATA / off_topic_file).read_text(encoding='utf-8'))
    tasks = list(paraphrases)
    questions = yaml.safe_load((DATA / file).read_text(encoding='utf-8'))
    asked = [(text, task) for task, texts in questions.items() for text in texts]
    if quick:
        asked, off_topic = asked[::5], off_topic[::5]
    for task in tasks:  # parse and embed what is taught, as the library does when it is added
        parse(task)
        if embed:
            embed(task)
    wrong, times = [], []
    for text, task in asked:
        begin = time.perf_counter()
        found, score = answer(text, tasks, embed, config)
        times.append(time.perf_counter() - begin)
        if found != task:
            wrong.append({'asked': text, 'taught': task, 'found': found, 'similarity': round(score, 3)})
    accepted = []
    for text in off_topic:
        found, score = answer(text, tasks, embed, config)
        if found:
            accepted.append({'asked': text, 'found': found, 'similarity': round(score, 3)})
    return {
        'tasks': len(tasks),
        'paraphrases': len(asked),
        'top1_share': round(1.0 - len(wrong) / len(asked), 4),
        'refused_share_of_paraphrases': round(sum(not w['found'] for w in wrong) / len(asked), 4),
        'off_topic': len(off_topic),
        'off_topic_refused_share': round(1.0 - len(accepted) / len(off_topic), 4),
        'median_ms': round(1e3 * float(np.median(times)), 2),
        'wrong': wrong,
        'off_topic_accepted': accepted,
    }


def main() -> None:
    """Measure, print, write."""
    arguments = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    arguments.add_argument('--quick', action='store_true', help='a fifth of the texts, nothing written')
    quick = arguments.parse_args().quick
    results = {}
    for name, embed in (('structured_parse', None), ('with_sentence_embedding', default_embedder())):
        if name == 'structured_parse' or embed is not None:
            results[name] = measure(embed, quick, 'paraphrases.yaml')
            results[f'{name}_odd_wordings'] = measure(embed, quick, 'held_out.yaml')
            results[f'{name}_unseen'] = measure(embed, quick, 'unseen.yaml', 'unseen_off_topic.yaml')
    lines = [
        '| configuration | tasks | paraphrases | top-1 | off-topic texts | refused | ms per question |',
        '|---|---|---|---|---|---|---|',
    ]
    for name, r in results.items():
        lines.append(
            f'| {name.replace("_", " ")} | {r["tasks"]} | {r["paraphrases"]} | {r["top1_share"]:.1%} | '
            f'{r["off_topic"]} | {r["off_topic_refused_share"]:.1%} | {r["median_ms"]} |'
        )
    print('\n'.join(lines))
    for name, r in results.items():
        for w in r['wrong'] + r['off_topic_accepted']:
            print(f'{name}: {w}')
    if quick:
        return
    commit = subprocess.run(['git', 'rev-parse', '--short', 'HEAD'], cwd=ROOT, capture_output=True, text=True).stdout
    folder = ROOT / 'benchmarks' / 'results'
    folder.mkdir(exist_ok=True)
    about = {'machine': f'{platform.machine()}, Python {platform.python_version()}', 'commit': commit.strip()}
    (folder / 'language.json').write_text(json.dumps({**about, **results}, indent=1) + '\n', encoding='utf-8')
    text = (
        (
            '# Task texts\n\nTop-1 among all taught tasks; off-topic texts must be refused. The vocabulary was tuned '
            'on `paraphrases.yaml`: before that, the parse alone found 97.1 % of it, with the embedding 98.0 %. '
            '`held_out.yaml` (odd wordings) holds odd ones on purpose, written afterwards: seen for the first time, '
            '63.6 % and 80.7 % of it were found and nearly all others refused; then gaps in the grammar were closed. '
            '`unseen.yaml` and `unseen_off_topic.yaml` were written last and nothing was ever tuned on them: what '
            'they say is what a new user meets.\n\n'
        )
        + '\n'.join(lines)
        + '\n'
    )
    for name, r in results.items():
        text += f'\n## Still wrong: {name.replace("_", " ")}\n'
        text += ''.join(
            f'- "{w["asked"]}": {"found " + repr(w["found"]) if w["found"] else "refused"} '
            f'({w["similarity"]}){", taught " + repr(w["taught"]) if "taught" in w else ", off-topic"}\n'
            for w in r['wrong'] + r['off_topic_accepted']
        )
    (folder / 'language.md').write_text(text, encoding='utf-8')


if __name__ == '__main__':
    main()
