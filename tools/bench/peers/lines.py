"""Questions and answers with the benchmark that started this program: one JSON object per line."""

import json
import os
import sys
import traceback


def serve(handlers):
    """Answers each line of standard input until it ends.

    A question names its handler in "do"; what else it holds are the handler's keyword arguments. An answer is
    {"answer": ...} or {"failure": text}.
    """
    # Libraries may print to standard output, which is reserved for answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        question = json.loads(line)
        handler = handlers[question.pop("do")]
        try:
            reply = {"answer": handler(**question)}
        except Exception:
            reply = {"failure": traceback.format_exc()}
        answers.write(json.dumps(reply) + "\n")
        answers.flush()
